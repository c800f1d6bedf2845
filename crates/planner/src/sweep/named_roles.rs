//! The ARNs by which event streams name roles, where they leave open which role is meant.
use super::api_fact;
use crate::usage::PossibleApps;
use pinpoint_streams_model::{AccountRole, AppArn, Evidence, Fact, RoleArn};
use std::collections::{BTreeMap, BTreeSet};

/// Who names a role, and the API call that says so.
type NamedBy = (AppArn, &'static str);

/// The ARNs by which event streams name roles.
#[derive(Debug, Default)]
pub(super) struct NamedRoles<'a> {
    /// What is no ARN of a role in the app's account: Pinpoint accepts no others.
    unparsed: BTreeSet<(NamedBy, &'a str)>,
    /// By account and name: a role has one path, and an event stream may name another.
    by_name: BTreeMap<AccountRole, BTreeSet<(RoleArn, NamedBy)>>,
}

impl<'a> NamedRoles<'a> {
    /// The role, if that is an ARN of one.
    pub(super) fn add(&mut self, app: &AppArn, role_arn: &'a str, call: &'static str) -> Option<RoleArn> {
        let named_by = (app.clone(), call);
        let Ok(role) = role_arn.parse::<RoleArn>() else {
            self.unparsed.insert((named_by, role_arn));
            return None;
        };
        if role.account != app.account {
            self.unparsed.insert((named_by.clone(), role_arn));
        }
        self.by_name.entry(role.in_account()).or_default().insert((role.clone(), named_by));
        Some(role)
    }

    /// The event streams that may name the role, though not by its ARN.
    pub(super) fn unclear(&self, role: &RoleArn, possible: &PossibleApps) -> Vec<Evidence> {
        let admits = |app: &AppArn| possible.apps.contains(app) || possible.regions.contains(&app.place());
        let has_name = |named: &str| named.contains(role.name.as_str());
        let unparsed = self.unparsed.iter().filter(|((app, _), named)| admits(app) || has_name(named));
        let unparsed = unparsed.map(|(named_by, role_arn)| (named_by, (*role_arn).to_owned()));
        let others = self.by_name.get(&role.in_account()).into_iter().flatten();
        let others = others
            .filter(|(named, (app, _))| named != role && named.account == app.account)
            .map(|(named, by)| (by, named.to_string()));
        let evidence = unparsed
            .chain(others)
            .map(|((app, call), named)| api_fact(call, Fact::NamedUnclearly { app: app.clone(), named }));
        evidence.collect()
    }
}

/// Whether an event stream of an app that the role admits may mean the role by this text: no ARN of a role, or one that
/// differs from the role's in path alone.
pub(super) fn may_mean(named: &str, role: &RoleArn) -> bool {
    named.parse::<RoleArn>().map_or(true, |named| named.in_account() == role.in_account())
}
