//! A run on a terminal, which a person types Ctrl-C into or closes.
use super::goes_on;
use super::hanging::wait;
use crate::power_cut::{Held, Point};
use crate::support::{SHOP_AND_BLOG, Workspace, through};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const CTRL_C: &[u8] = b"\x03";
/// A terminal shows what it should within this time, or the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Rows and columns.
const SIZE: [u16; 2] = [24, 80];

/// The end of a terminal that a person sits at.
pub(crate) struct Terminal {
    keyboard: File,
    seen: Arc<Mutex<Vec<u8>>>,
    /// Rows and columns, each with the number of bytes that were seen before it had that size.
    sizes: Vec<(usize, [u16; 2])>,
    is_closed: Arc<AtomicBool>,
    screen: JoinHandle<()>,
}

impl Terminal {
    /// A terminal, and the command as the leader of a session on it.
    pub(crate) fn with(command: &Command, workspace: &Workspace) -> (Terminal, Command) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let slave: OwnedFd = ioctl_tiocgptpeer(&master, flags).unwrap();
        set_size(&master, SIZE);
        let mut session = through("setsid", &["--ctty"], command, workspace);
        session.env("TERM", "xterm");
        session.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let (keyboard, seen) = (File::from(master), Arc::<Mutex<Vec<u8>>>::default());
        let is_closed = Arc::new(AtomicBool::new(false));
        let mut master = keyboard.try_clone().unwrap();
        let (shown, closed) = (Arc::clone(&seen), Arc::clone(&is_closed));
        let screen = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Where nobody has the other end any more, reading fails.
            while let Ok(read) = master.read(&mut bytes)
                && !closed.load(Ordering::Relaxed)
            {
                shown.lock().unwrap().extend_from_slice(&bytes[..read]);
            }
        });
        (Terminal { keyboard, seen, sizes: vec![(0, SIZE)], is_closed, screen }, session)
    }

    pub(crate) fn types(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).unwrap();
    }

    /// A person drags the corner of the window. The kernel sends SIGWINCH to the run.
    pub(crate) fn resizes(&mut self, rows: u16, columns: u16) {
        let seen = self.seen.lock().unwrap();
        set_size(&self.keyboard, [rows, columns]);
        self.sizes.push((seen.len(), [rows, columns]));
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    #[track_caller]
    pub(crate) fn shows(&self, words: &str) {
        self.shows_again(words, 1);
    }

    /// Waits until it has shown these words so many times.
    #[track_caller]
    pub(crate) fn shows_again(&self, words: &str, times: usize) {
        let began = Instant::now();
        while self.text().matches(words).count() < times {
            assert!(began.elapsed() < PATIENCE, "`{words}` is not in:\n{}", self.text());
            wait(Duration::from_millis(5));
        }
    }

    /// Waits until these words stand on the screen.
    #[track_caller]
    pub(crate) fn shows_on_screen(&self, words: &str) {
        self.shows_a_screen_with(words, |screen| screen.contains(words));
    }

    /// Waits until the screen is as described, and returns it.
    #[track_caller]
    pub(crate) fn shows_a_screen_with(&self, what: &str, is_shown: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if is_shown(&screen) {
                return screen;
            }
            assert!(began.elapsed() < PATIENCE, "`{what}` is not on the screen:\n{screen}");
            wait(Duration::from_millis(5));
        }
    }

    /// What stands on the screen, after all that was drawn over other things.
    fn screen(&self) -> String {
        let seen = self.seen.lock().unwrap();
        let mut screen = vt100::Parser::default();
        let ends = self.sizes.iter().skip(1).map(|(from, _)| *from).chain([seen.len()]);
        for ((from, [rows, columns]), to) in self.sizes.iter().zip(ends) {
            let size = |length: &u16| NonZeroU16::new(*length).unwrap();
            screen.set_size(size(rows), size(columns));
            screen.process(&seen[*from..to]);
        }
        screen.screen().contents()
    }

    /// Takes the terminal away from the run. The screen's thread ends with the next thing shown: bars move.
    fn closes(self) {
        self.is_closed.store(true, Ordering::Relaxed);
        drop(self.keyboard);
        self.screen.join().unwrap();
    }
}

fn set_size(terminal: impl AsFd, [rows, columns]: [u16; 2]) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(terminal, size).unwrap();
}

/// A run on a terminal whose first call that changes anything does not return.
fn hanging(workspace: &Workspace) -> (Terminal, Held) {
    workspace.run("plan -q").code(0);
    let mut command = workspace.command("--sandbox apply --auto-approve --parallelism 1");
    command.env("TOKIO_WORKER_THREADS", "4");
    let (terminal, command) = Terminal::with(&command, workspace);
    let held = Held::at(Point::of(1, "sync", "world.jsonl"), workspace, command);
    (terminal, held)
}

#[test]
fn each_ctrl_c_on_a_terminal_says_what_it_does() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (mut terminal, held) = hanging(&workspace);
    terminal.types(CTRL_C);
    terminal.shows("stopping; finishing running steps");
    terminal.types(CTRL_C);
    terminal.shows("aborting without waiting; writing state");
    assert_eq!(held.ends_all_the_same().status.code(), Some(130));
    terminal.shows("to continue");
    goes_on(&workspace);

    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (mut terminal, held) = hanging(&workspace);
    for words in ["stopping; ", "aborting ", "exiting immediately; completed steps are in the journal"] {
        terminal.types(CTRL_C);
        terminal.shows(words);
    }
    assert_eq!(held.ends_all_the_same().status.code(), Some(130));
    goes_on(&workspace);
}

#[test]
fn what_a_signal_says_stays_above_the_bars_that_are_drawn_anew() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (mut terminal, held) = hanging(&workspace);
    terminal.types(CTRL_C);
    terminal.shows("stopping; finishing running steps");
    // The bars are drawn ten times a second.
    wait(Duration::from_millis(500));
    let screen = terminal.screen();
    assert_eq!(screen.matches("stopping; finishing running steps").count(), 1, "{screen}");
    assert_eq!(held.goes_on().status.code(), Some(130));
    goes_on(&workspace);
}

#[test]
fn ctrl_c_at_the_question_does_nothing_and_says_so() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let command = workspace.command("--sandbox apply");
    let (mut terminal, mut command) = Terminal::with(&command, &workspace);
    let mut process = command.spawn().unwrap();
    // This end of the terminal's other side, so that the screen sees the end.
    drop(command);
    terminal.shows("`details` shows every field");
    terminal.types(CTRL_C);
    assert_eq!(process.wait().unwrap().code(), Some(130));
    terminal.shows("nothing was done");
    assert!(!workspace.path(".pinpoint-streams/sandbox/pinpoint-streams.state.json").exists());
    workspace.run("apply --auto-approve -q").code(0);
}

#[test]
fn a_run_whose_terminal_is_closed_ends_in_order() {
    let workspace = Workspace::new(SHOP_AND_BLOG);
    let (terminal, held) = hanging(&workspace);
    terminal.closes();
    wait(Duration::from_millis(300));
    assert_eq!(held.goes_on().status.code(), Some(130), "a panic would be 101");
    let state = workspace.read(".pinpoint-streams/sandbox/pinpoint-streams.state.json");
    assert!(state.contains("\"pending\": []") && state.contains("\"resources\": {\n"), "{state}");
    goes_on(&workspace);
}
