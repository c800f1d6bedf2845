//! The roles that a sweep judges: those that trust Pinpoint, each with what is known of it.
use super::marks::Marks;
use super::purpose::Permissions;
use super::readings::Readings;
use super::trust::{self, Reach};
use pinpoint_streams_model::arn::RoleArn;
use pinpoint_streams_model::ids::{AccountId, AccountRole, RoleId, RoleName};
use pinpoint_streams_model::live::{ListedRole, LiveRole, Read};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_model::role_kind::{RoleKind, Users};

/// A role that trusts Pinpoint, as far as it is known. What questions and verdict both rest on is derived once.
pub(super) struct Candidate<'a> {
    pub(super) kind: RoleKind,
    pub(super) arn: &'a RoleArn,
    pub(super) id: &'a RoleId,
    pub(super) trust: &'a Document,
    /// None where it was listed and not read yet.
    pub(super) details: Option<&'a Read<LiveRole>>,
    pub(super) listed: Option<&'a ListedRole>,
    /// The role with its policies and tags, if it was read and is still the one that was listed.
    pub(super) role: Option<&'a LiveRole>,
    /// None where the role was not read.
    pub(super) permissions: Option<Permissions<'a>>,
    pub(super) marks: Option<Marks<'a>>,
    /// None where its trust policy admits no app.
    pub(super) reach: Option<Reach>,
}

/// Every role that trusts Pinpoint, by account and name.
pub(super) fn candidates<'a>(readings: &Readings<'a>) -> Vec<Candidate<'a>> {
    let lists = readings.role_lists();
    let of_list = lists.flat_map(|(account, list)| list.iter().map(move |(name, listed)| (account, name, listed)));
    of_list.filter_map(|(account, name, listed)| candidate(readings, account, name, listed.present())).collect()
}

/// The role, if it trusts Pinpoint by the list or by its own answer. What it says itself is newer.
fn candidate<'a>(
    readings: &Readings<'a>,
    account: &AccountId,
    name: &RoleName,
    listed: Option<&'a ListedRole>,
) -> Option<Candidate<'a>> {
    let details = readings.live.roles.get(&AccountRole::of(account, name));
    let own = details.and_then(Read::present);
    let trusts = [listed.map(|listed| &listed.trust_policy), own.map(|own| &own.trust_policy)];
    let is_trusted = |kind: &RoleKind| trusts.into_iter().flatten().any(|trust| kind.is_trusted(trust));
    // Only of these can it be shown that nothing uses them.
    let kind = RoleKind::all().filter(|kind| kind.users() == Users::EventStreams).find(is_trusted)?;
    let (arn, id) = match (listed, own) {
        (Some(listed), _) => (&listed.arn, &listed.id),
        (None, Some(own)) => (&own.arn, &own.id),
        (None, None) => return None,
    };
    let trust = own.map(|own| &own.trust_policy).or(listed.map(|listed| &listed.trust_policy))?;
    let role = details.and_then(Read::present).filter(|role| role.id == *id && role.arn == *arn);
    let permissions = role.map(|role| Permissions::of(readings, role));
    let reach = trust::reach(readings, kind, arn, trust);
    Some(Candidate { kind, arn, id, trust, details, listed, role, permissions, marks: role.map(Marks::of), reach })
}
