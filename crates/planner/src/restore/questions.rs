//! Which questions AWS must answer before a restore can be planned.
use super::{account_of, event_streams, role, roles};
use pinpoint_streams_model::archive::{Archived, EventStream};
use pinpoint_streams_model::arn::{AppArn, RoleArn, StreamArn};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::question::AccountPolicy;
use pinpoint_streams_model::live::{Live, LiveRole, Question, Read};
use pinpoint_streams_model::region::AccountRegion;
use std::collections::BTreeSet;

/// What must be asked to put these archives back, given what has been answered so far.
pub(super) fn questions(archives: &[Archived], desired: &Desired, live: &Live) -> BTreeSet<Question> {
    let is_declared = |account: &AccountId| desired.accounts.values().any(|declared| declared == account);
    let mut questions = BTreeSet::new();
    let declared = archives.iter().map(account_of).filter(|one| is_declared(one));
    questions.extend(declared.flat_map(Question::of_account));
    for (_, role) in roles(archives) {
        if is_declared(&role.arn.account) {
            questions.extend(about_role(role));
        }
    }
    for (_, stream) in event_streams(archives) {
        let EventStream { account, region, app_id, event_stream } = stream;
        if !is_declared(account) {
            continue;
        }
        questions.insert(Question::Apps(AccountRegion::of(account, region)));
        questions.insert(Question::EventStream(AppArn::of(account, region, app_id)));
        if let Some(Read::Present(apps)) = live.apps.get(&AccountRegion::of(account, region))
            && !apps.contains_key(app_id)
        {
            questions.insert(Question::App(AppArn::of(account, region, app_id)));
        }
        if let Ok(destination) = event_stream.destination.parse::<StreamArn>()
            && is_declared(destination.account())
        {
            questions.insert(Question::Stream(destination));
        }
        if let Ok(RoleArn { account, name, .. }) = event_stream.role_arn.parse::<RoleArn>()
            && is_declared(&account)
        {
            questions.insert(Question::role(&account, &name));
        }
    }
    questions
}

/// Whether its name is free, whether what is to hang on it is there, and who named its old id.
fn about_role(role: &LiveRole) -> Vec<Question> {
    let account = &role.arn.account;
    let mut questions = vec![Question::role(account, &role.arn.name), Question::RoleList(account.clone())];
    let policies = role.attached_policies.iter().chain(&role.permissions_boundary);
    let own = policies.filter(|policy| !role::is_aws_managed(policy));
    questions.extend(
        own.map(|policy| {
            Question::PolicyDocument(AccountPolicy { account: account.clone(), arn: policy.clone() })
        }),
    );
    questions
}
