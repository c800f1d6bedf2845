//! The inquiry of a manifest and a record.
use pinpoint_streams_model::plan::Mode;
use pinpoint_streams_planner::{Converge, Destroy, Drift, Inputs, Inquiry, PlanResult};

/// An inquiry that concludes a plan.
pub(crate) type PlanInquiry = Box<dyn Inquiry<Output = PlanResult> + Send + Sync>;

/// What this mode asks; none of the modes that need no manifest.
pub(crate) fn inquiry(mode: Mode, inputs: Inputs) -> PlanInquiry {
    match mode {
        Mode::Destroy => Box::new(Destroy(inputs)),
        Mode::Drift => Box::new(Drift(inputs)),
        Mode::Converge | Mode::Sweep | Mode::Restore => Box::new(Converge(inputs)),
    }
}
