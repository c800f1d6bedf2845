//! The executor's ports: maps each question and operation to a service call.
use crate::account::Regional;
use crate::classify::{ApiOperation, not_sent};
use crate::connect::Aws;
use crate::{
    access_analyzer, cloudformation, cloudtrail, cloudwatch, config, iam, kms, lambda, pinpoint, regions, ses,
    streams, sts,
};
use pinpoint_streams_executor::cloud::{CloudError, ReadCloud, WriteCloud, Written};
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::history::ConfigAggregator;
use pinpoint_streams_model::live::question::{AccountPolicy, RegionalRole, Service};
use pinpoint_streams_model::live::residue::RegionalName;
use pinpoint_streams_model::live::{Answer, Question, Read};
use pinpoint_streams_model::op::{Op, Resolved};
use pinpoint_streams_model::recorded::Output;
use pinpoint_streams_model::region::AccountRegion;
use std::sync::Arc;

impl ReadCloud for Aws {
    async fn read(&self, question: &Question) -> Read<Answer> {
        Read::from(self.answer(question).await.map_err(CloudError::unreadable))
    }
}

impl Aws {
    fn regional(&self, operation: ApiOperation, place: &AccountRegion) -> Result<Arc<Regional>, CloudError> {
        Ok(self.account(operation, &place.account)?.regional(&place.region))
    }

    // The larger reads are boxed: one future of all reads is too large for the stack of a test.
    async fn answer(&self, question: &Question) -> Result<Option<Answer>, CloudError> {
        let iam = |operation, account| Ok::<_, CloudError>(&self.account(operation, account)?.iam);
        Ok(match question {
            // ApiOperation once, while connecting.
            Question::Caller(account) => {
                Some(Answer::Caller(self.account(sts::GET_CALLER_IDENTITY, account)?.caller.account.clone()))
            }
            Question::Quotas(account) => {
                Some(Answer::Quotas(iam::read::quotas(iam(iam::read::SUMMARY, account)?).await?))
            }
            Question::EnabledRegions(account) => {
                let client = self.account(regions::LIST, account)?.account_management();
                Some(Answer::EnabledRegions(regions::enabled(&client).await?))
            }
            Question::Roles(account) => {
                Some(Answer::Roles(iam::bulk::all_roles(iam(iam::bulk::DETAILS, account)?).await?))
            }
            Question::Role { role: AccountRole { account, name }, directly: _ } => {
                let iam = iam(iam::read::GET, account)?;
                Box::pin(iam::read::role(iam, name)).await?.map(Answer::from)
            }
            Question::RoleInPart(AccountRole { account, name }) => {
                let iam = iam(iam::read::GET, account)?;
                Box::pin(iam::read::role_in_part(iam, name)).await?.map(Answer::RoleInPart)
            }
            Question::RoleList(account) => {
                Some(Answer::RoleList(iam::bulk::role_list(iam(iam::bulk::LIST, account)?).await?))
            }
            Question::PolicyDocument(AccountPolicy { account, arn }) => {
                iam::policy::document(iam(iam::policy::GET, account)?, arn).await?.map(Answer::PolicyDocument)
            }
            Question::Stack(RegionalRole { place, name }) => {
                let regional = self.regional(cloudformation::DESCRIBE, place)?;
                cloudformation::stack_of(&regional.cloudformation, name).await?.map(Answer::Stack)
            }
            Question::Apps(place) => {
                let regional = self.regional(pinpoint::read::GET_APPS, place)?;
                Some(Answer::Apps(pinpoint::read::apps(&regional).await?))
            }
            Question::App(app) => {
                let regional = self.regional(pinpoint::read::GET_APP, &app.place())?;
                pinpoint::read::app(&regional, &app.id).await?.map(Answer::App)
            }
            Question::AppTags(app) => {
                let regional = self.regional(pinpoint::read::LIST_TAGS, &app.place())?;
                Some(Answer::AppTags(pinpoint::read::tags(&regional, app).await?))
            }
            Question::Channels(app) => {
                let regional = self.regional(pinpoint::read::GET_CHANNELS, &app.place())?;
                Some(Answer::Channels(pinpoint::read::channels(&regional, &app.id).await?))
            }
            Question::EventStream(app) => {
                let regional = self.regional(pinpoint::read::GET_EVENT_STREAM, &app.place())?;
                pinpoint::read::event_stream(&regional, &app.id).await?.map(Answer::EventStream)
            }
            Question::Stream(arn) => {
                let place = AccountRegion::of(arn.account(), arn.region());
                let regional = self.regional(streams::described_by(arn), &place)?;
                streams::stream(&regional, arn).await?.map(Answer::Stream)
            }
            Question::ConfigRecorder(place) => {
                let regional = self.regional(config::RECORDERS, place)?;
                config::recorder(&regional.config_service).await?.map(Answer::ConfigRecorder)
            }
            Question::ConfigEventStreams(place) => {
                let regional = self.regional(config::SELECT, place)?;
                Some(Answer::ConfigEventStreams(config::event_streams(&regional.config_service, place).await?))
            }
            Question::ConfigAggregators(place) => {
                let regional = self.regional(config::AGGREGATORS, place)?;
                Some(Answer::ConfigAggregators(config::aggregators(&regional.config_service).await?))
            }
            Question::AggregatedEventStreams(ConfigAggregator { place, name }) => {
                let regional = self.regional(config::SELECT_AGGREGATE, place)?;
                config::aggregated(&regional.config_service, name).await?.map(Answer::AggregatedEventStreams)
            }
            Question::ConfigHistory(app) => {
                let regional = self.regional(config::HISTORY, &app.place())?;
                Some(Answer::ConfigHistory(config::history(&regional.config_service, app).await?))
            }
            Question::RoleUses(used) => {
                let place = AccountRegion::of(&used.role.account, &used.region);
                let regional = self.regional(cloudtrail::LOOKUP, &place)?;
                Some(Answer::RoleUses(cloudtrail::role_uses(&regional.cloudtrail, used).await?))
            }
            Question::EventStreamChanges(place) => {
                let regional = self.regional(cloudtrail::LOOKUP, place)?;
                let changes = cloudtrail::event_stream_changes(&regional.cloudtrail, place).await?;
                Some(Answer::EventStreamChanges(changes))
            }
            Question::LastAccessed(role) => {
                let iam = iam(iam::last_accessed::GENERATE, &role.account)?;
                iam::last_accessed::last_accessed(iam, role).await?.map(Answer::LastAccessed)
            }
            Question::UnusedRoles(place) => {
                let regional = self.regional(access_analyzer::ANALYZERS, place)?;
                let roles = access_analyzer::unused_roles(&regional.access_analyzer, &place.account);
                roles.await?.map(Answer::UnusedRoles)
            }
            Question::StackResources(RegionalName { place, name }) => {
                let regional = self.regional(cloudformation::LIST, place)?;
                cloudformation::resources(&regional.cloudformation, name).await?.map(Answer::StackResources)
            }
            Question::StreamPolicy(arn) => {
                let place = AccountRegion::of(arn.account(), arn.region());
                let regional = self.regional(streams::GET_POLICY, &place)?;
                streams::policy(&regional, arn).await?.map(Answer::StreamPolicy)
            }
            Question::KeyPolicy(key) => {
                let place = AccountRegion::of(&key.account, &key.region);
                let regional = self.regional(kms::GET_KEY_POLICY, &place)?;
                kms::key_policy(&regional.kms, key).await?.map(Answer::KeyPolicy)
            }
            Question::Simulation(access) => {
                let iam = iam(iam::simulate::SIMULATE, &access.role.account)?;
                iam::simulate::simulation(iam, access).await?.map(Answer::Simulation)
            }
            Question::EmailIdentities(_)
            | Question::IdentityPolicies(_)
            | Question::ConfigurationSets(_)
            | Question::PinpointDestinations(_)
            | Question::Functions(_)
            | Question::FunctionPolicy(_)
            | Question::ImportJobs(_)
            | Question::ExportJobs(_)
            | Question::Recommenders(_)
            | Question::EmailChannel(_)
            | Question::MessageTemplates(_)
            | Question::StreamCapacity(_)
            | Question::IncomingRecords(_) => Box::pin(self.residue(question)).await?,
        })
    }

    /// What else names Pinpoint.
    async fn residue(&self, question: &Question) -> Result<Option<Answer>, CloudError> {
        Ok(match question {
            Question::EmailIdentities(place) => {
                let regional = self.regional(ses::IDENTITIES, place)?;
                Some(Answer::EmailIdentities(ses::identities(&regional.ses).await?))
            }
            Question::IdentityPolicies(RegionalName { place, name }) => {
                let regional = self.regional(ses::POLICIES, place)?;
                ses::policies(&regional.ses, name).await?.map(Answer::IdentityPolicies)
            }
            Question::ConfigurationSets(place) => {
                let regional = self.regional(ses::SETS, place)?;
                Some(Answer::ConfigurationSets(ses::configuration_sets(&regional.ses).await?))
            }
            Question::PinpointDestinations(RegionalName { place, name }) => {
                let regional = self.regional(ses::DESTINATIONS, place)?;
                ses::pinpoint_destinations(&regional.ses, name).await?.map(Answer::PinpointDestinations)
            }
            Question::Functions(place) => {
                let regional = self.regional(lambda::FUNCTIONS, place)?;
                Some(Answer::Functions(lambda::functions(&regional.lambda).await?))
            }
            Question::FunctionPolicy(RegionalName { place, name }) => {
                let regional = self.regional(lambda::POLICY, place)?;
                lambda::policy(&regional.lambda, name).await?.map(Answer::FunctionPolicy)
            }
            Question::ImportJobs(app) => {
                let regional = self.regional(pinpoint::residue::IMPORT_JOBS, &app.place())?;
                pinpoint::residue::import_jobs(&regional, &app.id).await?.map(Answer::ImportJobs)
            }
            Question::ExportJobs(app) => {
                let regional = self.regional(pinpoint::residue::EXPORT_JOBS, &app.place())?;
                pinpoint::residue::export_jobs(&regional, &app.id).await?.map(Answer::ExportJobs)
            }
            Question::Recommenders(place) => {
                let regional = self.regional(pinpoint::residue::RECOMMENDERS, place)?;
                Some(Answer::Recommenders(pinpoint::residue::recommenders(&regional).await?))
            }
            Question::EmailChannel(app) => {
                let regional = self.regional(pinpoint::residue::EMAIL_CHANNEL, &app.place())?;
                pinpoint::residue::email_channel(&regional, &app.id).await?.map(Answer::EmailChannel)
            }
            Question::MessageTemplates(place) => {
                let regional = self.regional(pinpoint::residue::TEMPLATES, place)?;
                Some(Answer::MessageTemplates(pinpoint::residue::templates(&regional).await?))
            }
            Question::StreamCapacity(arn) => {
                let place = AccountRegion::of(arn.account(), arn.region());
                let regional = self.regional(streams::described_by(arn), &place)?;
                streams::capacity(&regional, arn).await?.map(Answer::StreamCapacity)
            }
            Question::IncomingRecords(period) => {
                let place = AccountRegion::of(period.stream.account(), period.stream.region());
                let regional = self.regional(cloudwatch::DATA, &place)?;
                let records = cloudwatch::incoming_records(&regional.cloudwatch, period).await?;
                Some(Answer::IncomingRecords(records))
            }
            other => {
                let operation = other.first_call();
                return Err(not_sent(operation, "it is not a question about residue".to_owned()));
            }
        })
    }
}

impl WriteCloud for Aws {
    async fn write(&self, op: &Op<Resolved>) -> Result<Written, CloudError> {
        match op {
            Op::App(op) => {
                let operation = ApiOperation::new(Service::Pinpoint, op.call().api);
                let regional = self.regional(operation, &AccountRegion::of(op.account(), op.region()))?;
                pinpoint::write::app(&regional, op).await
            }
            Op::EventStream(op) => {
                let operation = ApiOperation::new(Service::Pinpoint, op.call().api);
                let regional = self.regional(operation, &AccountRegion::of(op.account(), op.region()))?;
                pinpoint::write::event_stream(&regional, op).await
            }
            Op::Role(op) => {
                let account = self.account(ApiOperation::new(Service::Iam, op.call().api), &op.role().account)?;
                iam::write::role(&account.iam, op).await
            }
            Op::Record(_) => Ok(Written { output: Output::Done, request_id: None }),
        }
    }
}
