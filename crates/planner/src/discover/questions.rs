//! What must be read: apps, their event streams, and the roles and streams that those name.
use pinpoint_streams_model::arn::{RoleArn, StreamArn};
use pinpoint_streams_model::ids::AccountId;
use pinpoint_streams_model::live::{Live, Question, Read};
use pinpoint_streams_model::region::Region;
use std::collections::BTreeSet;

/// What must be asked to discover what is in these accounts and regions, given what has been answered so far.
pub(super) fn questions<'a>(
    accounts: impl Iterator<Item = &'a AccountId>,
    regions: &BTreeSet<Region>,
    live: &Live,
) -> BTreeSet<Question> {
    let mut questions = BTreeSet::new();
    for account in accounts {
        questions.insert(Question::Account(account.clone()));
        for region in regions {
            questions.insert(Question::Apps(account.clone(), region.clone()));
            let Some(Read::Present(apps)) = live.apps.get(&(account.clone(), region.clone())) else { continue };
            for id in apps.keys() {
                questions.insert(Question::EventStream(account.clone(), region.clone(), id.clone()));
                let place = (account.clone(), region.clone(), id.clone());
                let Some(Read::Present(stream)) = live.event_streams.get(&place) else { continue };
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
                    questions.insert(Question::Role(arn.account, arn.name));
                }
            }
        }
    }
    questions
}
