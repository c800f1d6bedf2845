//! What must be read to make a lost record again: every role with its tags, the apps of the regions that the
//! manifest names, and the event streams that may be ours.
use super::bears_workspace;
use crate::reach::role_reach;
use pinpoint_streams_model::arn::AppArn;
use pinpoint_streams_model::desired::{AppIdentity, Desired};
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::recorded::{Object, Recorded};
use pinpoint_streams_model::region::AccountRegion;
use std::collections::BTreeSet;

/// Paths of roles that AWS makes for itself, which bear no tags of ours.
const OF_AWS: [&str; 2] = ["/aws-service-role/", "/aws-reserved/"];

/// What must be asked, given what has been answered so far. Apps may be ours wherever the manifest names a region, and
/// where `known` records one, whether the manifest still names that place or not.
pub(super) fn questions(desired: &Desired, known: Option<&Recorded>, live: &Live) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for account in desired.accounts.values() {
        questions.extend(Question::of_account(account));
        questions.insert(Question::RoleList(account.clone()));
        let Some(Read::Present(roles)) = live.role_lists.get(account) else { continue };
        for (name, listed) in roles {
            let path = listed.present().map_or("/", |role| role.arn.path.as_str());
            if OF_AWS.iter().any(|of_aws| path.starts_with(of_aws)) {
                continue;
            }
            questions.insert(Question::role(account, name));
            // The list has it, so an answer in bulk that lacks it is no absence.
            if let Some(Read::Absent) = live.roles.get(&AccountRole::of(account, name)) {
                questions.insert(Question::role_directly(account, name));
            }
        }
    }
    for app in desired.apps.values() {
        questions.insert(Question::Apps(app.place()));
        if let AppIdentity::Existing(id) = &app.identity {
            questions.insert(Question::EventStream(app.arn(id)));
        }
    }
    for resource in known.into_iter().flat_map(|known| known.resources.values()) {
        if let Object::App(app) = &resource.object {
            questions.insert(Question::Apps(AccountRegion::of(&resource.account, &app.region)));
        }
    }
    for role in live.roles.values().filter_map(Read::present) {
        if bears_workspace(&role.tags, desired) {
            let reach = role_reach(live, &Recorded::default(), role);
            questions.extend(reach.regions.into_iter().map(Question::Apps));
            questions.extend(reach.apps.into_iter().map(Question::EventStream));
        }
    }
    for (place, read) in &live.apps {
        for (id, app) in read.present().into_iter().flatten() {
            let arn = AppArn::of(&place.account, &place.region, id);
            let tags = match &app.tags {
                Some(tags) => Some(tags),
                None => {
                    questions.insert(Question::AppTags(arn.clone()));
                    live.app_tags.get(&arn).and_then(Read::present)
                }
            };
            if tags.is_some_and(|tags| bears_workspace(tags, desired)) {
                questions.insert(Question::EventStream(arn));
            }
        }
    }
    questions
}
