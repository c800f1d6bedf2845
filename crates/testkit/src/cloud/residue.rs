//! What else an account holds that may name Pinpoint: answers as a test sets them. Where it sets none, lists are empty,
//! nothing else is there, and nothing was written to a stream.
use super::FakeCloud;
use super::account::Accounts;
use super::call::Request;
use super::refusal::Refusal;
use pinpoint_streams_model::arn::{StreamArn, StreamService};
use pinpoint_streams_model::live::history::ConfigEventStreams;
use pinpoint_streams_model::live::residue::{
    ConfigurationSets, EmailIdentities, ExportJobs, Functions, ImportJobs, IncomingRecords, MessageTemplates,
    Recommenders, StreamCapacity, StreamMode,
};
use pinpoint_streams_model::live::{Answer, Question};

impl FakeCloud {
    pub fn set_residue(&self, question: Question, answer: impl Into<Answer>) {
        self.lock().accounts.residue.insert(question, answer.into());
    }

    /// The call that answers a question about residue.
    pub(crate) fn residue_request(question: &Question) -> Option<Request> {
        let (operation, subject) = match question {
            Question::ConfigEventStreams(place) => ("SelectResourceConfig", place.to_string()),
            Question::EmailIdentities(place) => ("ListEmailIdentities", place.to_string()),
            Question::IdentityPolicies(identity) => ("GetEmailIdentityPolicies", identity.name.clone()),
            Question::ConfigurationSets(place) => ("ListConfigurationSets", place.to_string()),
            Question::PinpointDestinations(set) => ("GetConfigurationSetEventDestinations", set.name.clone()),
            Question::Functions(place) => ("ListFunctions", place.to_string()),
            Question::FunctionPolicy(function) => ("GetPolicy", function.name.clone()),
            Question::ImportJobs(app) => ("GetImportJobs", app.id.to_string()),
            Question::ExportJobs(app) => ("GetExportJobs", app.id.to_string()),
            Question::Recommenders(place) => ("GetRecommenderConfigurations", place.to_string()),
            Question::EmailChannel(app) => ("GetEmailChannel", app.id.to_string()),
            Question::MessageTemplates(place) => ("ListTemplates", place.to_string()),
            Question::StreamCapacity(stream) => (described_by(stream), stream.to_string()),
            Question::IncomingRecords(period) => ("GetMetricData", period.stream.to_string()),
            _ => return None,
        };
        Some(Request::read(operation, question.account(), subject))
    }
}

pub(super) fn described_by(stream: &StreamArn) -> &'static str {
    match stream.service() {
        StreamService::Kinesis => "DescribeStreamSummary",
        StreamService::Firehose => "DescribeDeliveryStream",
    }
}

impl Accounts {
    pub(crate) fn residue(&self, question: &Question) -> Result<Option<Answer>, Refusal> {
        self.known(question.account())?;
        if let Some(answer) = self.residue.get(question) {
            return Ok(Some(answer.clone()));
        }
        Ok(Some(match question {
            Question::ConfigEventStreams(_) => ConfigEventStreams::new().into(),
            Question::EmailIdentities(_) => EmailIdentities::default().into(),
            Question::ConfigurationSets(_) => ConfigurationSets::default().into(),
            Question::Functions(_) => Functions::default().into(),
            Question::ImportJobs(_) => ImportJobs::default().into(),
            Question::ExportJobs(_) => ExportJobs::default().into(),
            Question::Recommenders(_) => Recommenders::default().into(),
            Question::MessageTemplates(_) => MessageTemplates::default().into(),
            Question::IncomingRecords(_) => IncomingRecords(0).into(),
            Question::StreamCapacity(stream) if self.streams.contains_key(stream) => {
                let mode = match stream.service() {
                    StreamService::Kinesis => StreamMode::Provisioned { open_shards: 1 },
                    StreamService::Firehose => StreamMode::Firehose,
                };
                StreamCapacity { mode, created: None }.into()
            }
            _ => return Ok(None),
        }))
    }
}
