//! What an apply is held to: the plan that was saved, the digest that was given, or nothing.
use super::Source;
use crate::error::Error;
use crate::saved::{self, SavedPlanError, Stale};
use pinpoint_streams_model::desired::Desired;
use pinpoint_streams_model::digest::{self, Digest};
use pinpoint_streams_model::plan::{Basis, Mode, Options, Plan};
use pinpoint_streams_model::recorded::Recorded;
use std::path::Path;

/// What the plan must be like.
#[derive(Debug)]
pub(super) struct Expected {
    /// Which question it answers.
    pub(super) mode: Mode,
    /// What shapes it.
    pub(super) options: Options,
    saved: Option<Plan>,
    digest: Option<Digest>,
}

impl Expected {
    /// Reads the saved plan, if there is one.
    pub(super) fn of(source: Source, digest: Option<String>, folder: &Path) -> Result<Expected, Error> {
        let digest = digest.map(Digest::from);
        let (mode, options, saved) = match source {
            Source::Fresh { mode, options } => (mode, *options, None),
            Source::Saved(path) => {
                let plan = saved::load(&folder.join(&path))?;
                if plan.mode == Mode::Drift {
                    let reason = "it shows drift alone, which is not to be applied".to_owned();
                    return Err(SavedPlanError::Broken { path, reason }.into());
                }
                (plan.mode, plan.options.clone(), Some(plan))
            }
        };
        let expected = Expected { mode, options, saved, digest };
        if let Some(plan) = &expected.saved {
            expected.check_digest(plan)?;
        }
        Ok(expected)
    }

    /// Before anything is read from AWS: whether a saved plan was made from what there is now.
    pub(super) fn check_ground(&self, desired: &Desired, recorded: &Recorded) -> Result<(), Stale> {
        let Some(plan) = &self.saved else { return Ok(()) };
        let now = Basis {
            manifest_digest: digest::of(desired),
            lineage: recorded.lineage.clone(),
            serial: recorded.serial,
            accounts: desired.accounts.clone(),
        };
        saved::check_basis(&plan.basis, &now)
    }

    /// Whether the plan made just now is the one that is expected.
    pub(super) fn check_plan(&self, plan: &Plan) -> Result<(), Stale> {
        if let Some(saved) = &self.saved {
            saved::check_steps(&saved.steps, &plan.steps)?;
        }
        self.check_digest(plan)
    }

    fn check_digest(&self, plan: &Plan) -> Result<(), Stale> {
        match &self.digest {
            Some(expected) if *expected != plan.plan_digest => {
                Err(Stale::Digest { expected: expected.clone(), found: plan.plan_digest.clone() })
            }
            Some(_) | None => Ok(()),
        }
    }
}
