//! Whether a saved plan is stale: compares what it was made from with the current manifest, state and accounts.
use super::differences;
use jiff::{SignedDuration, Timestamp};
use pinpoint_streams_model::digest::Digest;
use pinpoint_streams_model::ids::{AccountAlias, AccountId, Lineage, Serial, Workspace};
use pinpoint_streams_model::plan::{Basis, Change, Mode, Plan, Step};

/// Why a saved plan must not be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    #[error("{}", other_account(.alias, .planned.as_ref(), .now.as_ref()))]
    Account { alias: AccountAlias, planned: Option<AccountId>, now: Option<AccountId> },
    #[error("the plan belongs to workspace `{planned}`, not to `{now}`")]
    Workspace { planned: Workspace, now: Workspace },
    #[error("the plan was made from a state of lineage {planned}, but there is no state now")]
    StateGone { planned: Lineage },
    #[error("the plan was made before there was a state, but there is one now, of lineage {now}")]
    StateAppeared { now: Lineage },
    #[error("the plan was made from a state of lineage {planned}, but the lineage is now {now}")]
    Lineage { planned: Lineage, now: Lineage },
    #[error("the plan was made from serial {planned} of the state, which is now at {now}")]
    Serial { planned: Serial, now: Serial },
    #[error("the manifest has changed since the plan was made")]
    Manifest,
    /// AWS has changed, so the same request leads to other steps.
    #[error("the steps have changed since the plan was made:\n{difference}")]
    Steps {
        /// A line each.
        difference: String,
    },
    /// The steps are the same, but not what is shown of them.
    #[error("the changes have changed since the plan was made:\n{difference}")]
    Changes {
        /// A line each.
        difference: String,
    },
    #[error("the sweep was planned at {planned}, more than 24 hours ago: a role may have been used since")]
    Expired { planned: Timestamp },
    #[error("the sweep was planned at {planned}, after the current time {now}: its age is unknown")]
    FromTheFuture { planned: Timestamp, now: Timestamp },
    #[error("the plan has digest {found}, but {expected} was expected")]
    Digest { expected: Digest, found: Digest },
}

fn other_account(alias: &AccountAlias, planned: Option<&AccountId>, now: Option<&AccountId>) -> String {
    match (planned, now) {
        (Some(planned), Some(now)) => format!("the plan is for account {planned}, but `{alias}` is now {now}"),
        (Some(planned), None) => {
            format!("the plan is for account {planned}, but there is no account `{alias}` now")
        }
        (None, Some(now)) => format!("the plan has no account `{alias}`, which is now {now}"),
        (None, None) => format!("the plan has no account `{alias}`"),
    }
}

impl Stale {
    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Stale::Account { .. } => "use the credentials and the manifest that the plan was made with".to_owned(),
            Stale::Workspace { .. } => "apply it where it was saved, or name its manifest with --config FILE".to_owned(),
            Stale::StateGone { .. } => {
                "restore the state; if it is lost, rebuild it with `pinpoint-streams state recover`, then plan again"
                    .to_owned()
            }
            Stale::StateAppeared { .. } => {
                "nothing was done; another run has been applied since: plan again and review the result".to_owned()
            }
            Stale::Lineage { .. } => "use the state that the plan was made from, or plan again".to_owned(),
            Stale::Serial { planned, now } if now < planned => {
                "nothing was done; the state is older than the plan: restore the latest state, or plan again and review \
                 the result"
                    .to_owned()
            }
            Stale::Serial { .. } => {
                "nothing was done; the state has changed since: plan again and review the result".to_owned()
            }
            Stale::Manifest => {
                "nothing was done; use the manifest, variables and account that it was made with, or plan again and \
                 review the result"
                    .to_owned()
            }
            Stale::Steps { .. } => {
                "nothing was done; AWS was changed outside pinpoint-streams: plan again and review the result".to_owned()
            }
            Stale::Changes { .. } => {
                "nothing was done; the plan was edited, or what it changes is now different in AWS: plan again and review \
                 the result"
                    .to_owned()
            }
            Stale::Digest { .. } => {
                "nothing was done; review this plan, then approve it with its own digest".to_owned()
            }
            Stale::FromTheFuture { .. } => {
                "nothing was done; correct the clock, or sweep again on a machine whose clock is right".to_owned()
            }
            Stale::Expired { .. } => "nothing was done; sweep again and review the result".to_owned(),
        }
    }
}

/// Rejects a sweep older than 24 hours, because a role may have been used since. Other plans do not expire: their basis
/// is compared instead. Allows for a small difference between the clocks of two machines.
pub fn check_age(plan: &Plan, now: Timestamp) -> Result<(), Stale> {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
    let Some(sweep) = plan.options.sweep.as_ref().filter(|_| plan.mode == Mode::Sweep) else { return Ok(()) };
    let (age, planned) = (now.duration_since(sweep.now), sweep.now);
    match age {
        _ if age > DAY => Err(Stale::Expired { planned }),
        _ if -age > CLOCK_SKEW => Err(Stale::FromTheFuture { planned, now }),
        _ => Ok(()),
    }
}

pub fn check_workspace(plan: &Plan, now: &Workspace) -> Result<(), Stale> {
    if plan.workspace == *now {
        return Ok(());
    }
    Err(Stale::Workspace { planned: plan.workspace.clone(), now: now.clone() })
}

/// Compares accounts, state and manifest, before anything is read from AWS.
pub fn check_basis(planned: &Basis, now: &Basis) -> Result<(), Stale> {
    let Basis { manifest_digest, lineage, serial, accounts } = planned;
    let aliases = accounts.keys().chain(now.accounts.keys());
    for alias in aliases {
        let (planned, now) = (accounts.get(alias), now.accounts.get(alias));
        if planned != now {
            return Err(Stale::Account { alias: alias.clone(), planned: planned.cloned(), now: now.cloned() });
        }
    }
    check_record((lineage.as_ref(), *serial), (now.lineage.as_ref(), now.serial))?;
    if *manifest_digest != now.manifest_digest {
        return Err(Stale::Manifest);
    }
    Ok(())
}

/// Compares the lineage and serial of the state.
pub fn check_record(planned: (Option<&Lineage>, Serial), now: (Option<&Lineage>, Serial)) -> Result<(), Stale> {
    match (planned, now) {
        ((Some(planned), _), (Some(now), _)) if planned != now => {
            Err(Stale::Lineage { planned: planned.clone(), now: now.clone() })
        }
        ((Some(planned), _), (None, _)) => Err(Stale::StateGone { planned: planned.clone() }),
        ((None, _), (Some(now), _)) => Err(Stale::StateAppeared { now: now.clone() }),
        ((_, planned), (_, now)) if planned != now => Err(Stale::Serial { planned, now }),
        _ => Ok(()),
    }
}

pub fn check_steps(planned: &[Step], now: &[Step]) -> Result<(), Stale> {
    if planned == now {
        return Ok(());
    }
    Err(Stale::Steps { difference: differences::of_steps(planned, now) })
}

/// Compares what is shown of the steps. Warnings and the number of unchanged resources may concern others than those
/// that the plan changes, and are not compared; neither are the notes of format 1, which are sentences.
pub fn check_changes(planned: &Plan, now: &Plan) -> Result<(), Stale> {
    let shown = |plan: &Plan| -> Vec<Change> {
        let mut changes = plan.changes.clone();
        if planned.format_version == 1 {
            changes.iter_mut().for_each(|change| change.notes.clear());
        }
        changes
    };
    let (old, new) = (shown(planned), shown(now));
    if old == new && planned.options == now.options {
        return Ok(());
    }
    let difference = differences::of_changes((&planned.options, &old[..]), (&now.options, &new[..]));
    Err(Stale::Changes { difference })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::json;

    fn planned() -> Plan {
        testing::plan(&[testing::change("app.blog", "create", "new", json!([]))])
    }

    #[test]
    fn every_way_to_be_stale_is_an_error_of_its_own_with_words_and_a_hint_of_its_own() {
        let plan = planned();
        let check = |change: fn(&mut Basis)| {
            let mut now = plan.basis.clone();
            change(&mut now);
            check_basis(&plan.basis, &now)
        };
        assert_eq!(check(|_| ()), Ok(()));
        assert_eq!(check_workspace(&plan, &plan.workspace), Ok(()));
        let mut before = plan.basis.clone();
        before.lineage = None;
        let stale = [
            check_workspace(&plan, &"ads".parse().unwrap()),
            check(|now| now.accounts.clear()),
            check(|now| now.lineage = None),
            check_basis(&before, &plan.basis),
            check(|now| now.lineage = "other".parse().ok()),
            check(|now| now.serial = Serial(8)),
            check(|now| now.serial = Serial(6)),
            check(|now| now.manifest_digest = "sha256:2".to_owned().into()),
            check_steps(&plan.steps, &[]),
            check_changes(&plan, &Plan { changes: Vec::new(), ..plan.clone() }),
            Err(Stale::Digest { expected: "sha256:2".to_owned().into(), found: plan.plan_digest.clone() }),
            Err(Stale::Expired { planned: Timestamp::UNIX_EPOCH }),
            Err(Stale::FromTheFuture { planned: Timestamp::MAX, now: Timestamp::UNIX_EPOCH }),
        ];
        let stale = stale.map(Result::unwrap_err);
        let words: Vec<String> = stale.iter().map(|stale| format!("{stale}\n  {}", stale.hint())).collect();
        let unlike = |texts: Vec<String>| std::collections::BTreeSet::from_iter(texts).len();
        assert_eq!(unlike(stale.iter().map(Stale::to_string).collect()), stale.len());
        assert_eq!(unlike(stale.iter().map(Stale::hint).collect()), stale.len());
        insta::assert_snapshot!(words.join("\n"));
    }

    #[test]
    fn steps_that_changed_are_named_in_words() {
        let plan = planned();
        let mut now = plan.steps.clone();
        now[0].after.push(pinpoint_streams_model::ids::StepId(9));
        let Err(Stale::Steps { difference }) = check_steps(&plan.steps, &now) else { panic!("they differ") };
        assert_eq!(difference, "  the steps are in another order");
        let Err(Stale::Steps { difference }) = check_steps(&plan.steps, &[]) else { panic!("they differ") };
        assert!(
            difference.starts_with("  app.blog: ") && difference.ends_with("is no longer needed"),
            "{difference}"
        );
        assert!(!difference.contains(['{', '"', '@']), "{difference}");
    }

    #[test]
    fn changes_that_differ_are_named_with_their_fields() {
        let field = |after: &str| json!([{"path": "description", "before": null, "after": after}]);
        let old = testing::plan(&[
            testing::change("app.blog", "create", "new", json!([])),
            testing::change("role.blog", "update", "new", field("a")),
            testing::change("role.shop", "update", "new", json!([])),
        ]);
        let new = testing::plan(&[
            testing::change("role.blog", "update", "new", field("b")),
            testing::change("role.shop", "delete", "new", json!([])),
        ]);
        let Err(Stale::Changes { difference }) = check_changes(&old, &new) else { panic!("they differ") };
        insta::assert_snapshot!(difference);
    }
}
