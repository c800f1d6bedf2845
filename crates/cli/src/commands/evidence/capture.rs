//! `evidence capture`
use super::summary::Summary;
use super::{CaptureArgs, Format, SourceChoice, bundles};
use crate::accounts::{Accounts, Selection, connect};
use crate::ui::error::Error;
use crate::ui::escape::escape;
use crate::ui::exit::Exit;
use crate::ui::signals::Signals;
use crate::ui::style::{WARNING, paint};
use crate::ui::text::count;
use crate::ui::{CommandClock, CommandContext};
use crate::workspace::Workspace;
use jiff::Timestamp;
use pinpoint_streams_executor::Capturing;
use pinpoint_streams_executor::clock::Clock as _;
use pinpoint_streams_model::fact::EvidenceSource;
use pinpoint_streams_model::recorded::Recorded;
use pinpoint_streams_model::sweep::SweepOptions;
use pinpoint_streams_planner::{Capture, Sweep};
use pinpoint_streams_store::bundle::{self, Bundle, BundleError, BundleWriter, Header, Scope};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Captures until a signal arrives.
pub(super) async fn run(args: CaptureArgs, context: &CommandContext<'_>) -> Result<Exit, Error> {
    let mut signals = Signals::listen().map_err(Error::of_signals)?;
    let clock = context.clock();
    let today = || PathBuf::from(format!("pinpoint-{}.evidence", clock.now().strftime("%Y-%m-%d")));
    let out = args.out.clone().unwrap_or_else(today);
    tokio::select! {
        captured = capture(&args, &out, clock, context) => captured,
        () = signals.next() => {
            let path = context.environment.folder.join(&out);
            let text = if path.exists() {
                let again = context.settings.command_with("evidence capture --out", &out.to_string_lossy());
                format!("stopped; the answers so far are kept: `{again}`, with the same flags, asks for the rest\n")
            } else {
                "stopped; nothing was captured\n".to_owned()
            };
            context.printer.message(&text);
            Ok(Exit::Stopped)
        }
    }
}

async fn capture(
    args: &CaptureArgs,
    out: &Path,
    clock: CommandClock,
    context: &CommandContext<'_>,
) -> Result<Exit, Error> {
    let path = context.environment.folder.join(out);
    let before = to_continue(&path, out, context)?;
    let workspace = Workspace::open_if_any(context)?;
    let accounts = connect(Selection::Flags(&args.selector), &workspace, None, context).await?;
    let now = accounts.now(clock)?;
    let unreachable = accounts.all.iter().filter(|account| account.unreachable.is_some());
    for account in unreachable.clone() {
        let why = escape(account.unreachable.as_deref().unwrap_or_default());
        let label = paint(WARNING, "warning:");
        context.printer.message(&format!("{label} account `{}` is not captured: {why}\n", account.alias));
    }
    let scope = scope(args, &accounts);
    let (writer, kept) = match before {
        Some(bundle) => {
            must_have_the_scope(&bundle, &scope, out)?;
            let file = escape(&out.to_string_lossy()).into_owned();
            match &bundle.end {
                None => {
                    let kept = count(bundle.answers.len(), "answer");
                    context.printer.note(&format!("Continuing {file}: {kept} so far.\n"));
                    (BundleWriter::resume(&path, &bundle)?, bundle.answers)
                }
                Some(_) => {
                    let failed = count(failures(&bundle), "question");
                    context.printer.note(&format!("Completing {file}: {failed} without an answer.\n"));
                    BundleWriter::reopen(&path, &bundle)?
                }
            }
        }
        None => {
            let version = env!("CARGO_PKG_VERSION").to_owned();
            let header =
                Header { format: bundle::FORMAT, version, began: now, scope: scope.clone(), is_redacted: false };
            (BundleWriter::create(&path, &header)?, Vec::new())
        }
    };
    let cloud = Capturing::new(&accounts.cloud, &clock, writer, kept);
    context.ask_in(&accounts.all, &inquiry(&workspace, scope, now), &cloud).await;
    cloud.finish()?;
    let summary = Summary::of(&bundles::read(out, context)?);
    context.show(&match args.output.format {
        Format::Text => summary.text(out, context.environment.width()),
        Format::Json => summary.json(),
    })?;
    let next = context.settings.command_with("sweep --evidence", &out.to_string_lossy());
    let is_whole = summary.is_whole() && unreachable.count() == 0;
    let gaps = if is_whole {
        ""
    } else {
        "Roles that depend on what could not be read will be unknown; the same command asks for it again. "
    };
    context.printer.note(&format!("{gaps}`{next}` finds unused roles without calling AWS.\n"));
    Ok(if is_whole { Exit::Done } else { Exit::Unknown })
}

/// The bundle of a capture that was interrupted, or of one that ended with failures.
fn to_continue(path: &Path, out: &Path, context: &CommandContext<'_>) -> Result<Option<Bundle>, Error> {
    match bundle::read(path) {
        Err(BundleError::Missing(_)) => Ok(None),
        Ok(bundle) if bundle.header.is_redacted => Err(Error::InvalidFile {
            path: out.to_owned(),
            problem: "is a redacted copy".to_owned(),
            hint: "choose another file with --out".to_owned(),
        }),
        Ok(bundle) if bundle.end.is_none() || failures(&bundle) > 0 => Ok(Some(bundle)),
        Ok(_) => {
            let show = context.settings.command_with("evidence show", &out.to_string_lossy());
            Err(Error::InvalidFile {
                path: out.to_owned(),
                problem: "is a complete bundle of evidence".to_owned(),
                hint: format!("choose another file with --out; `{show}` summarizes this one"),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// How many questions have no answer.
fn failures(bundle: &Bundle) -> usize {
    bundles::answers(bundle.answers.clone()).values().filter(|(answer, _)| !answer.is_known()).count()
}

fn scope(args: &CaptureArgs, accounts: &Accounts) -> Scope {
    let chosen = SourceChoice::sources(&args.sources);
    let regions = &args.selector.regions;
    Scope {
        accounts: accounts.reachable.clone(),
        regions: if regions.is_empty() { accounts.regions.clone() } else { regions.iter().cloned().collect() },
        sources: if chosen.is_empty() { EvidenceSource::ALL.into() } else { chosen },
    }
}

fn must_have_the_scope(bundle: &Bundle, scope: &Scope, out: &Path) -> Result<(), Error> {
    let Scope { accounts, regions, sources } = &bundle.header.scope;
    let ids: BTreeSet<_> = scope.accounts.values().collect();
    let is_same = accounts.values().collect::<BTreeSet<_>>() == ids
        && *regions == scope.regions
        && *sources == scope.sources;
    if is_same {
        return Ok(());
    }
    let listed: Vec<String> = accounts.values().map(ToString::to_string).collect();
    Err(Error::InvalidFile {
        path: out.to_owned(),
        problem: "was begun with other accounts, regions or sources".to_owned(),
        hint: format!(
            "continue it with the same flags (accounts {}), or choose another file with --out",
            listed.join(", ")
        ),
    })
}

fn inquiry(workspace: &Workspace, scope: Scope, now: Timestamp) -> Capture {
    let Scope { accounts, regions, sources } = scope;
    let options = SweepOptions::to_read(now, regions, sources);
    let (workspace, recorded) = (workspace.name.clone(), Recorded::default());
    Capture(Sweep::live(workspace, accounts, recorded, options))
}
