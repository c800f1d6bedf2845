//! What must be read to make a lost record again: every role with its tags, the apps of the regions that the
//! manifest names, and the event streams that may be ours.
use super::bears_workspace;
use crate::reach::role_reach;
use pinpoint_streams_model::desired::{AppIdentity, Desired};
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::recorded::{Object, Recorded};
use std::collections::BTreeSet;

/// Paths of roles that AWS makes for itself, which bear no tags of ours.
const OF_AWS: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];

/// What must be asked, given what has been answered so far. Apps may be ours wherever the manifest names a region, and
/// where `known` records one, whether the manifest still names that place or not.
pub(super) fn questions(desired: &Desired, known: Option<&Recorded>, live: &Live) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for account in desired.accounts.values() {
        questions.insert(Question::Account(account.clone()));
        questions.insert(Question::RoleList(account.clone()));
        let Some(Read::Present(roles)) = live.role_lists.get(account) else { continue };
        for (name, listed) in roles {
            let path = listed.present().map_or("/", |role| role.arn.path.as_str());
            if OF_AWS.iter().any(|of_aws| path.starts_with(of_aws)) {
                continue;
            }
            questions.insert(Question::Role(account.clone(), name.clone()));
            // The list has it, so an answer in bulk that lacks it is no absence.
            if let Some(Read::Absent) = live.roles.get(&(account.clone(), name.clone())) {
                questions.insert(Question::RoleAgain(account.clone(), name.clone()));
            }
        }
    }
    for app in desired.apps.values() {
        questions.insert(Question::Apps(app.account.clone(), app.region.clone()));
        if let AppIdentity::Existing(id) = &app.identity {
            questions.insert(Question::EventStream(app.account.clone(), app.region.clone(), id.clone()));
        }
    }
    for resource in known.into_iter().flat_map(|known| known.resources.values()) {
        if let Object::App(app) = &resource.object {
            questions.insert(Question::Apps(resource.account.clone(), app.region.clone()));
        }
    }
    for role in live.roles.values().filter_map(Read::present) {
        if bears_workspace(&role.tags, desired) {
            let reach = role_reach(live, &Recorded::default(), role);
            questions.extend(reach.regions.into_iter().map(|(account, region)| Question::Apps(account, region)));
            let streams = reach.apps.into_iter();
            questions.extend(streams.map(|(account, region, id)| Question::EventStream(account, region, id)));
        }
    }
    for ((account, region), read) in &live.apps {
        for (id, app) in read.present().into_iter().flatten() {
            let place = (account.clone(), region.clone(), id.clone());
            let tags = match &app.tags {
                Some(tags) => Some(tags),
                None => {
                    questions.insert(Question::AppTags(account.clone(), region.clone(), id.clone()));
                    live.app_tags.get(&place).and_then(Read::present)
                }
            };
            if tags.is_some_and(|tags| bears_workspace(tags, desired)) {
                questions.insert(Question::EventStream(place.0, place.1, place.2));
            }
        }
    }
    questions
}
