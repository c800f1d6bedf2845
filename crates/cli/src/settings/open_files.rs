//! The limit of open files. Each concurrent call has a connection, and connections that are idle stay open for a while.

/// The number of concurrent calls where the limit of open files allows it. How many there are is found by the executor.
const MOST: usize = 512;
/// Of the open files, these are for the program's own files and for connections of credentials.
#[cfg(unix)]
const RESERVED: usize = 64;
/// The hosts of a plan in all regions of Pinpoint: idle connections to one are of no use to the others.
#[cfg(unix)]
const HOSTS: usize = 16;

/// How many calls may run at the same time. Raises the limit of open files as far as this process may.
#[cfg(unix)]
pub(super) fn most_calls() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = (MOST * HOSTS + RESERVED) as u64;
    let raised = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let allowed = match current {
        Some(current) if current < raised => {
            let limit = Rlimit { current: Some(raised), maximum };
            setrlimit(Resource::Nofile, limit).map_or(current, |()| raised)
        }
        _ => raised,
    };
    of_files(usize::try_from(allowed).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
pub(super) fn most_calls() -> usize {
    MOST
}

#[cfg(unix)]
fn of_files(allowed: usize) -> usize {
    (allowed.saturating_sub(RESERVED) / HOSTS).clamp(1, MOST)
}

#[cfg(all(test, unix))]
mod tests {
    use super::of_files;

    #[test]
    fn the_connections_of_all_hosts_fit_into_the_limit() {
        for (files, calls) in [(16, 1), (256, 12), (1024, 60), (8256, 512), (1 << 20, 512)] {
            assert_eq!(of_files(files), calls, "{files} files");
        }
    }
}
