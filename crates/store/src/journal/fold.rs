//! Applies a journal to a state. A running apply uses the same code, so a crash and a normal end agree.
use super::{Begin, Contents, End, EndResult, Header, Link, Record, runs};
use crate::state::{Archives, RunLogDigest, State};
use jiff::Timestamp;
use pinpoint_streams_model::ids::{Lineage, RunId, Serial};
use pinpoint_streams_model::recorded::{Pending, Recorded};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Fold {
    run: RunId,
    recorded: Recorded,
    archives: Archives,
    begun: BTreeMap<u64, Begin>,
    last: u64,
    /// Of the last line on disk; `None` if it is not known what is on disk.
    link: Option<Link>,
    /// Whether the journal is one that an interrupted run has left.
    is_leftover: bool,
}

/// A journal that does not belong to the state next to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    #[error("run {run} left a journal, but its state does not exist")]
    StateGone { run: RunId },
    #[error("the journal of run {run} belongs to lineage {journal}, the state has {state}")]
    OtherLineage { run: RunId, journal: Lineage, state: Lineage },
    #[error("the journal of run {run} starts from serial {journal}, the state has {state}")]
    OtherSerial { run: RunId, journal: Serial, state: Serial },
    /// A record that the state contains is not in the journal as it was written.
    #[error("the journal of run {run} was edited after its records were written to the state")]
    Edited { run: RunId },
}

/// What a journal adds to the state next to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftoverJournal {
    /// Nothing: the state contains all of it.
    Spent,
    /// The state with the journal applied and the next serial.
    Folded(Box<State>),
}

impl Fold {
    pub fn new(run: RunId, recorded: Recorded, archives: Archives) -> Fold {
        Fold { run, recorded, archives, begun: BTreeMap::new(), last: 0, link: None, is_leftover: false }
    }

    /// The number of the last record applied; 0 before the first.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// `link` is that of the record's line, or `None` if the line may not be on disk.
    pub fn take(&mut self, record: Record, link: Option<Link>) {
        self.last = record.seq();
        self.link = link;
        match record {
            Record::Begin(begin) => {
                self.begun.insert(begin.seq, begin);
            }
            Record::End(End { seq: _, begin, result, request_id: _, time }) => {
                let Some(begin) = self.begun.remove(&begin) else { return };
                match result {
                    EndResult::Output(output) => self.recorded.absorb(&begin.address, &begin.op, &output, time),
                    EndResult::Error(failed) if failed.in_doubt => {
                        self.recorded.pending.extend(pending(&self.run, begin));
                    }
                    EndResult::Error(_) => {}
                }
            }
            Record::Archived(archived) => {
                self.archives.insert(archived.path, archived.digest);
            }
        }
    }

    /// It is not known what is on disk: the state will not hold a digest of the run log.
    pub fn lose_log(&mut self) {
        self.link = None;
    }

    /// The next state after `before`. What has not ended is pending in it.
    pub fn state(&self, before: &State) -> State {
        let mut recorded = self.recorded.clone();
        recorded.pending.extend(self.begun.values().cloned().filter_map(|begin| pending(&self.run, begin)));
        State {
            format: before.format,
            workspace: before.workspace.clone(),
            lineage: before.lineage.clone(),
            serial: before.serial.next(),
            last_run: Some(self.run.clone()),
            journal_seq: self.last,
            accounts: recorded.accounts,
            resources: recorded.resources,
            pending: recorded.pending,
            archives: self.archives.clone(),
            run_logs: self.run_logs(&before.run_logs),
            quarantined: recorded.quarantined,
        }
    }

    /// The digests of the run logs that are kept, with this run's last.
    fn run_logs(&self, before: &[RunLogDigest]) -> Vec<RunLogDigest> {
        let mut logs: Vec<_> = before.iter().filter(|log| log.run != self.run).cloned().collect();
        logs.extend(self.link.map(|link| RunLogDigest {
            run: self.run.clone(),
            digest: link.digest(),
            as_found: self.is_leftover,
        }));
        let outdated = logs.len().saturating_sub(runs::KEPT);
        logs.split_off(outdated)
    }

    /// Applies a journal to the state next to it, at the time `now`. What it says it quarantined counts as quarantined
    /// since now: anyone who can write a file here can write any time into it.
    pub fn found(state: Option<&State>, contents: Contents, now: Timestamp) -> Result<LeftoverJournal, FoldError> {
        let Contents { header, records, links } = contents;
        let Some(Header { format: _, lineage, serial, run, about: _ }) = header else {
            return Ok(LeftoverJournal::Spent);
        };
        let Some(state) = state else { return Err(FoldError::StateGone { run }) };
        if lineage != state.lineage {
            return Err(FoldError::OtherLineage { run, journal: lineage, state: state.lineage.clone() });
        }
        let is_continued = state.last_run.as_ref() == Some(&run) && serial < state.serial;
        if !is_continued && serial != state.serial {
            return Err(FoldError::OtherSerial { run, journal: serial, state: state.serial });
        }
        let held = if is_continued { state.journal_seq } else { 0 };
        if is_continued && is_edited(state, &links) {
            return Err(FoldError::Edited { run });
        }
        if records.iter().all(|record| record.seq() <= held) {
            return Ok(LeftoverJournal::Spent);
        }
        let fold = Fold::new(run, state.recorded(), state.archives.clone());
        let mut fold = Fold { is_leftover: true, ..fold };
        for (record, link) in records.into_iter().zip(links.into_iter().skip(1)) {
            if record.seq() <= held {
                fold.remember(record);
            } else {
                fold.take(record, Some(link));
            }
        }
        for (role, quarantined) in &mut fold.recorded.quarantined {
            let known = state.quarantined.get(role).map(|known| (&known.role_id, known.at));
            if known != Some((&quarantined.role_id, quarantined.at)) {
                quarantined.at = quarantined.at.max(now);
            }
        }
        Ok(LeftoverJournal::Folded(Box::new(fold.state(state))))
    }

    /// Applies a record that the state already contains. Only what may still end matters: what the state has pending
    /// for it comes from its record again.
    fn remember(&mut self, record: Record) {
        self.last = record.seq();
        match record {
            Record::Begin(begin) => {
                let run = &self.run;
                self.recorded
                    .pending
                    .retain(|one| !(one.run == *run && one.step == begin.step && one.op == *begin.op));
                self.begun.insert(begin.seq, begin);
            }
            Record::End(end) => {
                let Some(begin) = self.begun.remove(&end.begin) else { return };
                if let EndResult::Error(failed) = end.result
                    && failed.in_doubt
                {
                    self.recorded.pending.extend(pending(&self.run, begin));
                }
            }
            Record::Archived(_) => {}
        }
    }
}

/// Whether the records that the state contains are not those that were written. A state need not hold a digest.
fn is_edited(state: &State, links: &[Link]) -> bool {
    let known = state.run_logs.iter().find(|log| state.last_run.as_ref() == Some(&log.run));
    let found = usize::try_from(state.journal_seq).ok().and_then(|held| links.get(held));
    known.is_some_and(|known| found.map(|link| link.digest()).as_ref() != Some(&known.digest))
}

/// What the next run must settle. A change to the record only did nothing to AWS, so it is simply planned again.
fn pending(run: &RunId, begin: Begin) -> Option<Pending> {
    let Begin { seq: _, step, address, op, time } = begin;
    (!op.is_record_only()).then(|| Pending { run: run.clone(), step, address, op: *op, began_at: time })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{FORMAT, Failed};
    use crate::journal::{line, parse};
    use pinpoint_streams_model::arn::RoleArn;
    use pinpoint_streams_model::ids::{RoleId, StepId};
    use pinpoint_streams_model::op::{AppOp, CreateApp, Op, Owner, Resolved, RoleOp};
    use pinpoint_streams_model::ownership::{Origin, Tags};
    use pinpoint_streams_model::recorded::Output;
    use pinpoint_streams_model::sweep::QUARANTINED_ID;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn create(key: &str) -> Op<Resolved> {
        let owner = Owner {
            workspace: "growth".parse().unwrap(),
            lineage: "3f2a".parse().unwrap(),
            address: format!("app.{key}").parse().unwrap(),
            origin: Origin::Created,
        };
        Op::App(AppOp::Create(CreateApp {
            account: "123456789012".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            name: key.to_owned(),
            tags: Tags::new(),
            owner,
            protect: false,
        }))
    }

    fn begin(seq: u64, key: &str) -> Record {
        let (step, address) = (StepId(seq as u32), format!("app.{key}").parse().unwrap());
        Record::Begin(Begin { seq, step, address, op: Box::new(create(key)), time: Timestamp::UNIX_EPOCH })
    }

    fn end(seq: u64, begin: u64, result: EndResult) -> Record {
        Record::End(End { seq, begin, result, request_id: None, time: Timestamp::UNIX_EPOCH })
    }

    fn app(id: &str) -> EndResult {
        EndResult::Output(Output::App(id.parse().unwrap()))
    }

    fn failed(in_doubt: bool) -> EndResult {
        EndResult::Error(Failed { code: "Timeout".to_owned(), message: "no answer".to_owned(), in_doubt })
    }

    fn records() -> Vec<Record> {
        vec![
            begin(1, "a"),
            begin(2, "b"),
            end(3, 2, app("bb")),
            begin(4, "c"),
            end(5, 1, app("aa")),
            end(6, 4, failed(true)),
            begin(7, "d"),
            end(8, 7, failed(false)),
        ]
    }

    fn state() -> State {
        let recorded =
            Recorded { lineage: Some("3f2a".parse().unwrap()), serial: Serial(7), ..Recorded::default() };
        State::of(&"growth".parse().unwrap(), &recorded, Archives::new()).unwrap()
    }

    fn contents(records: Vec<Record>) -> Contents {
        let (lineage, run) = ("3f2a".parse().unwrap(), "r1".parse().unwrap());
        let header = Header { format: FORMAT, lineage, serial: Serial(7), run, about: None };
        let lines = records.iter().map(|record| line(record).unwrap());
        parse("j", &[line(&header).unwrap()].into_iter().chain(lines).collect::<Vec<_>>().concat()).unwrap()
    }

    fn folded(state: &State, records: Vec<Record>) -> State {
        match Fold::found(Some(state), contents(records), NOW).unwrap() {
            LeftoverJournal::Folded(state) => *state,
            LeftoverJournal::Spent => panic!("nothing was folded"),
        }
    }

    /// Which apps are recorded and which are pending, after a crash at this record boundary.
    fn after(count: usize) -> (String, String) {
        let state = folded(&state(), records().into_iter().take(count).collect());
        let names = |addresses: Vec<String>| addresses.join(" ");
        (
            names(state.resources.keys().map(|address| address.key().unwrap().to_owned()).collect()),
            names(state.pending.iter().map(|one| one.address.key().unwrap().to_owned()).collect()),
        )
    }

    #[test]
    fn a_crash_at_any_record_leaves_what_ended_recorded_and_what_did_not_pending() {
        let expected = [
            ("", "a"),
            ("", "a b"),
            ("b", "a"),
            ("b", "a c"),
            ("a b", "c"),
            ("a b", "c"),
            ("a b", "c d"),
            ("a b", "c"),
        ];
        for (count, (recorded, pending)) in (1..).zip(expected) {
            assert_eq!(after(count), (recorded.to_owned(), pending.to_owned()), "after {count} records");
        }
    }

    #[test]
    fn a_fold_is_one_serial_further_and_says_what_it_holds() {
        let state = folded(&state(), records());
        assert_eq!((state.serial, state.journal_seq), (Serial(8), 8));
        assert_eq!(state.last_run, Some("r1".parse().unwrap()));
    }

    #[test]
    fn a_journal_found_again_gives_only_what_the_state_lacks() {
        let whole = folded(&state(), records());
        for pushed in 1..records().len() {
            let state = folded(&state(), records().into_iter().take(pushed).collect());
            let again = folded(&state, records());
            assert_eq!(again.resources, whole.resources, "pushed after {pushed}");
            assert_eq!(again.pending, whole.pending, "pushed after {pushed}");
        }
        assert_eq!(Fold::found(Some(&whole), contents(records()), NOW), Ok(LeftoverJournal::Spent));
    }

    #[test]
    fn what_the_state_contains_of_a_journal_may_not_be_edited_and_what_follows_is_not_covered_yet() {
        let pushed = folded(&state(), records().into_iter().take(4).collect());
        let edited = |at: usize, with: Record| {
            let mut records = records();
            records[at] = with;
            Fold::found(Some(&pushed), contents(records), NOW)
        };
        assert_eq!(edited(2, end(3, 2, app("xx"))), Err(FoldError::Edited { run: "r1".parse().unwrap() }));
        let cut = contents(records().into_iter().take(3).collect());
        assert_eq!(Fold::found(Some(&pushed), cut, NOW), Err(FoldError::Edited { run: "r1".parse().unwrap() }));
        assert!(edited(4, end(5, 1, app("xx"))).is_ok());
    }

    /// Tags of a quarantine and a time in the past, written into a planted journal, would let it be reaped at once.
    #[test]
    fn a_quarantine_of_a_leftover_journal_counts_from_when_it_is_found() {
        let role: RoleArn = "arn:aws:iam::123456789012:role/old".parse().unwrap();
        let id: RoleId = "AROAQ7SSZBKHRKPWRZUN6".parse().unwrap();
        let tags = Tags::from([(QUARANTINED_ID.to_owned(), id.to_string())]);
        let op = Op::Role(RoleOp::Tag { role: role.clone(), tags, owner: None });
        let (step, address, time) = (StepId(1), "role.old".parse().unwrap(), NOW);
        let begin = Record::Begin(Begin { seq: 1, step, address, op: Box::new(op), time });
        let records = vec![begin, end(2, 1, EndResult::Output(Output::Done))];
        let later: Timestamp = "2026-11-29T10:00:00Z".parse().unwrap();
        let Ok(LeftoverJournal::Folded(found)) = Fold::found(Some(&state()), contents(records.clone()), later)
        else {
            panic!("nothing was folded");
        };
        assert_eq!(found.quarantined[&role].at, later);
        // What a run itself wrote to the state keeps its time.
        let (held, again) = (folded(&state(), records.clone()), records.clone());
        let more = records.into_iter().chain([self::begin(3, "a")]).collect();
        let Ok(LeftoverJournal::Folded(found)) = Fold::found(Some(&held), contents(more), later) else {
            panic!("nothing was folded");
        };
        assert_eq!(found.quarantined[&role].at, NOW);
        // The time that the state has for a role of that name is not that of a role made since.
        let other: RoleId = "AROAQ7SSZBKHRKPWRZOLD".parse().unwrap();
        let mut stale = state();
        stale.quarantined = held.quarantined.clone();
        stale.quarantined.get_mut(&role).unwrap().role_id = other;
        let Ok(LeftoverJournal::Folded(found)) = Fold::found(Some(&stale), contents(again), later) else {
            panic!("nothing was folded");
        };
        assert_eq!((found.quarantined[&role].at, &found.quarantined[&role].role_id), (later, &id));
    }

    #[test]
    fn a_state_holds_the_digests_of_the_newest_run_logs() {
        let mut fold = Fold::new("r1".parse().unwrap(), Recorded::default(), Archives::new());
        let runs = |state: &State| state.run_logs.iter().map(|log| log.run.to_string()).collect::<Vec<_>>();
        let other = |nth| RunLogDigest {
            run: format!("old-{nth}").parse().unwrap(),
            digest: "sha256:0".to_owned().into(),
            as_found: false,
        };
        let before = State { run_logs: (0..runs::KEPT).map(other).collect(), ..state() };
        fold.take(begin(1, "a"), Some(Link::first(b"x")));
        let next = fold.state(&before);
        assert_eq!(
            (runs(&next).len(), &*runs(&next)[0], runs(&next).last().unwrap().as_str()),
            (runs::KEPT, "old-1", "r1")
        );
        fold.take(begin(2, "b"), Some(Link::first(b"y")));
        let later = fold.state(&next);
        assert_eq!(runs(&later), runs(&next));
        assert_ne!(later.run_logs.last(), next.run_logs.last());
        // What is on disk is not known.
        fold.lose_log();
        assert!(!runs(&fold.state(&later)).contains(&"r1".to_owned()));
    }

    #[test]
    fn a_journal_of_another_run_starts_from_the_states_serial() {
        let moved_on = State { serial: Serial(9), ..state() };
        assert!(matches!(
            Fold::found(Some(&moved_on), contents(records()), NOW),
            Err(FoldError::OtherSerial { journal: Serial(7), state: Serial(9), .. })
        ));
        let other = State { lineage: "other".parse().unwrap(), ..state() };
        assert!(matches!(
            Fold::found(Some(&other), contents(records()), NOW),
            Err(FoldError::OtherLineage { .. })
        ));
        assert!(matches!(Fold::found(None, contents(records()), NOW), Err(FoldError::StateGone { .. })));
    }
}
