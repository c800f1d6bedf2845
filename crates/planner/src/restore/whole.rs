//! Which archive of a role is whole. A delete that is interrupted leaves a role without some of its policies, and the run
//! that completes it archives what is left. The archive of the first of these runs has all of it.
use pinpoint_streams_model::archive::{Archived, Object};
use pinpoint_streams_model::{RoleId, RunId};
use std::collections::{BTreeMap, BTreeSet};

/// The roles whose deletion each run began, as their logs tell.
pub type BegunDeletes = BTreeSet<(RunId, RoleId)>;

/// The archives; but of a role whose newest archive is of a delete that earlier runs had begun, only that of the first of
/// these runs.
pub fn whole_archives(archives: Vec<Archived>, begun: &BegunDeletes) -> Vec<Archived> {
    let mut by_role: BTreeMap<RoleId, Vec<usize>> = BTreeMap::new();
    for (nth, archived) in archives.iter().enumerate() {
        if let Object::Role(role) = &archived.entry.object {
            by_role.entry(role.id.clone()).or_default().push(nth);
        }
    }
    let mut left_out: BTreeSet<usize> = BTreeSet::new();
    for (id, mut of_role) in by_role {
        of_role.sort_by_key(|nth| archives[*nth].entry.time);
        let continues = |at: usize| {
            let (earlier, later) = (&archives[of_role[at - 1]], &archives[of_role[at]]);
            let is_begun = begun.contains(&(earlier.entry.run.clone(), id.clone()));
            is_begun && earlier.is_verified && earlier.entry.run != later.entry.run
        };
        let newest = of_role.len() - 1;
        let first = (1..=newest).rev().take_while(|at| continues(*at)).last().map(|at| at - 1);
        if let Some(first) = first {
            left_out.extend(of_role.iter().copied().filter(|nth| *nth != of_role[first]));
        }
    }
    let whole = archives.into_iter().enumerate().filter(|(nth, _)| !left_out.contains(nth));
    whole.map(|(_, archived)| archived).collect()
}
