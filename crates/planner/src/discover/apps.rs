//! Which apps with event streams a manifest can declare so that a plan adopts them, and why not the others.
use pinpoint_streams_model::{
    AccountAlias, AccountId, AccountRegion, AppArn, AppId, KmsKeyArn, Live, LiveApp, LiveEventStream, LiveStream,
    Read, Region, RoleArn, StreamArn, StreamTarget,
};
use std::collections::{BTreeMap, BTreeSet};

/// What was found, in the order of accounts' aliases, regions and app ids.
#[derive(Debug, Default)]
pub(super) struct FoundApps {
    pub(super) apps: Vec<FoundApp>,
    pub(super) left_out: Vec<LeftOut>,
    /// What has no answer, in words.
    pub(super) unread: Vec<String>,
    pub(super) without_stream: usize,
}

/// An account by its alias, and a region.
pub(super) type Place = (AccountAlias, Region);

/// An app with an event stream that can be declared.
#[derive(Debug, Clone)]
pub(super) struct FoundApp {
    pub(super) place: Place,
    pub(super) account: AccountId,
    pub(super) id: AppId,
    pub(super) name: String,
    /// The customer's key is the one the stream is encrypted with, as far as that is known.
    pub(super) target: StreamTarget,
    pub(super) role: RoleArn,
}

/// An app with an event stream that cannot be declared.
#[derive(Debug)]
pub(super) struct LeftOut {
    pub(super) place: Place,
    pub(super) id: AppId,
    pub(super) name: String,
    pub(super) why: String,
}

pub(super) fn find(live: &Live, aliases: &BTreeMap<AccountId, AccountAlias>) -> FoundApps {
    let mut found = FoundApps::default();
    let mut seen = BTreeSet::new();
    let listings = live.apps.iter().filter_map(|(AccountRegion { account, region }, read)| {
        Some(((aliases.get(account)?.clone(), region.clone()), account, read))
    });
    let mut listings: Vec<_> = listings.collect();
    listings.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    for (place, account, read) in listings {
        if let Some(wrong) = wrong_caller(live, account) {
            found.unread.push(wrong);
            continue;
        }
        let apps = match read {
            Read::Present(apps) => apps,
            Read::Absent => continue,
            Read::Unreadable(why) => {
                found.unread.push(format!("the apps of {account}/{}: {why}", place.1));
                continue;
            }
        };
        for app in apps.values() {
            let LiveApp { id, name, tags: _ } = app;
            let key = AppArn::of(account, &place.1, id);
            let stream = match live.event_streams.get(&key) {
                Some(Read::Present(stream)) => stream,
                Some(Read::Absent) => {
                    found.without_stream += 1;
                    continue;
                }
                Some(Read::Unreadable(why)) => {
                    let region = &place.1;
                    let what = format!("the event stream of app {id}, \"{name}\", in {account}/{region}: {why}");
                    found.unread.push(what);
                    continue;
                }
                None => continue,
            };
            let (place, id, name) = (place.clone(), id.clone(), name.clone());
            let declared = declare(live, account, &place.1, stream).and_then(|declared| {
                if seen.insert(id.clone()) { Ok(declared) } else { Err("another app has the same id".to_owned()) }
            });
            match declared {
                Ok((target, role)) => {
                    found.apps.push(FoundApp { place, account: account.clone(), id, name, target, role });
                }
                Err(why) => found.left_out.push(LeftOut { place, id, name, why }),
            }
        }
    }
    found
}

fn wrong_caller(live: &Live, account: &AccountId) -> Option<String> {
    match live.callers.get(account) {
        Some(Read::Present(caller)) if caller != account => {
            Some(format!("account {account}: the credentials meant for it lead to {caller}"))
        }
        Some(Read::Unreadable(why)) => Some(format!("account {account}: {why}")),
        Some(Read::Present(_) | Read::Absent) | None => None,
    }
}

/// Where the events go and as whom, if a manifest can say so and a plan would go through.
fn declare(
    live: &Live,
    account: &AccountId,
    region: &Region,
    stream: &LiveEventStream,
) -> Result<(StreamTarget, RoleArn), String> {
    let LiveEventStream { destination, role_arn } = stream;
    if !region.has_pinpoint() {
        return Err(format!("{region} is not known as a region with Amazon Pinpoint"));
    }
    let arn: StreamArn = destination
        .parse()
        .ok()
        .filter(|arn: &StreamArn| arn.account() == account && arn.region() == region)
        .filter(|arn| arn.to_string() == *destination)
        .ok_or_else(|| {
            format!("its events go to {destination}, which is not a stream of its account and region")
        })?;
    let role: RoleArn = role_arn
        .parse()
        .ok()
        .filter(|role: &RoleArn| role.account == *account && role.partition == region.partition())
        .ok_or_else(|| format!("its event stream names {role_arn}, which is not a role of its account"))?;
    if let Some(Read::Present(there)) = live.roles.get(&role.in_account())
        && there.arn != role
    {
        return Err(format!("its event stream names {role}, and the role of that name is {}", there.arn));
    }
    let kms_key = customer_key(live, &arn)?;
    Ok((StreamTarget { arn, kms_key }, role))
}

/// The customer's key of a stream; an error if a plan would stop at this stream.
fn customer_key(live: &Live, arn: &StreamArn) -> Result<Option<KmsKeyArn>, String> {
    let LiveStream { active, status, direct_put, customer_key } = match live.streams.get(arn) {
        Some(Read::Present(stream)) => stream,
        Some(Read::Absent) => return Err(format!("its events go to {arn}, which is not there")),
        Some(Read::Unreadable(why)) => return Err(format!("its stream {arn} could not be read: {why}")),
        None => return Ok(None),
    };
    if !active {
        return Err(format!("its stream {arn} is {status}, not ACTIVE"));
    }
    if !direct_put {
        return Err(format!("its Firehose stream {arn} has a source of its own, so no event arrives"));
    }
    let Some(key) = customer_key else { return Ok(None) };
    let parsed: Option<KmsKeyArn> =
        key.parse().ok().filter(|parsed: &KmsKeyArn| parsed.region == *arn.region() && parsed.to_string() == *key);
    parsed.map(Some).ok_or_else(|| format!("its stream {arn} is encrypted with {key}, which no manifest can name"))
}
