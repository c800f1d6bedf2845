//! What must be read: apps, their event streams, and the roles and streams that those name.
use pinpoint_streams_model::arn::{AppArn, RoleArn, StreamArn};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::region::{AccountRegion, Region};
use std::collections::BTreeSet;

/// What must be asked to discover what is in these accounts and regions, given what has been answered so far.
pub(super) fn questions<'a>(
    accounts: impl Iterator<Item = &'a AccountId>,
    regions: &BTreeSet<Region>,
    live: &Live,
) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for account in accounts {
        questions.extend(Question::of_account(account));
        for region in regions {
            questions.insert(Question::Apps(AccountRegion::of(account, region)));
            let Some(Read::Present(apps)) = live.apps.get(&AccountRegion::of(account, region)) else { continue };
            for id in apps.keys() {
                let app = AppArn::of(account, region, id);
                questions.insert(Question::EventStream(app.clone()));
                let Some(Read::Present(stream)) = live.event_streams.get(&app) else { continue };
                // What is in another account cannot be read from here, and no manifest can name it.
                if let Ok(arn) = stream.destination.parse::<StreamArn>()
                    && arn.account() == account
                    && arn.region() == region
                {
                    questions.insert(Question::Stream(arn));
                }
                if let Ok(arn) = stream.role_arn.parse::<RoleArn>()
                    && arn.account == *account
                {
                    questions.insert(Question::role(&arn.account, &arn.name));
                }
            }
        }
    }
    questions
}
