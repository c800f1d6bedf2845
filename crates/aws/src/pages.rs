//! Pagination. A list that cannot be read completely is an error.
use crate::calling::patiently;
use crate::classify::{ApiOperation, CloudError, unintelligible};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::Instant;

/// The number of pages after which a list counts as endless: 5,000,000 roles, or 250,000 events.
const MOST_PAGES: usize = 5_000;
/// The time after which it does.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// The longest token, in bytes: in a URL, a longer one makes the SDK panic.
const LONGEST_TOKEN: usize = 16_384;

pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// The token of the next page.
    pub(crate) next: Option<String>,
}

/// All items. `ask` receives no token for the first page. From the second page on, throttled calls are retried.
pub(crate) async fn all<T, F, Fut>(operation: ApiOperation, ask: F) -> Result<Vec<T>, CloudError>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Page<T>, CloudError>>,
{
    let (mut all, mut token, mut seen) = (Vec::new(), None::<String>, BTreeSet::new());
    let began = Instant::now();
    loop {
        let Page { items, next } = match token {
            None => ask(None).await?,
            Some(token) => patiently(operation, || ask(Some(token.clone()))).await?,
        };
        all.extend(items);
        let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(all) };
        let pages = seen.len() + 1;
        if next.len() > LONGEST_TOKEN {
            let message = format!("the token of page {} has {} bytes", pages + 1, next.len());
            return Err(unintelligible(operation, "TokenTooLong", message));
        }
        if pages >= MOST_PAGES || began.elapsed() >= LONGEST {
            let message = format!("the list does not end: {pages} pages were read");
            return Err(unintelligible(operation, "EndlessList", message));
        }
        if !seen.insert(next.clone()) {
            let message = format!("the list does not end: page {pages} leads back to an earlier one");
            return Err(unintelligible(operation, "RepeatedToken", message));
        }
        token = Some(next);
    }
}

/// IAM's token of the next page: a flag and a marker.
pub(crate) fn marker(
    operation: ApiOperation,
    is_truncated: bool,
    marker: Option<String>,
) -> Result<Option<String>, CloudError> {
    match (is_truncated, marker.filter(|marker| !marker.is_empty())) {
        (false, _) => Ok(None),
        (true, Some(marker)) => Ok(Some(marker)),
        (true, None) => {
            let message = "the list is cut short, but nothing says where it goes on".to_owned();
            Err(unintelligible(operation, "MarkerMissing", message))
        }
    }
}
