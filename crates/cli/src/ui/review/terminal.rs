//! The terminal while a list is on it. Whatever ends the review, the terminal is as it was before.
use super::Reviewed;
use super::list::List;
use super::screen;
use crate::ui::signals::Signals;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{Event, EventStream, KeyEventKind};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use futures::StreamExt as _;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stderr};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the list is on the terminal.
static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// Results go to stdout, so the list is drawn on stderr.
struct FullScreen(Terminal<CrosstermBackend<Stderr>>);

impl FullScreen {
    fn open() -> io::Result<FullScreen> {
        restore_on_panic();
        enable_raw_mode()?;
        IS_OPEN.store(true, Ordering::Relaxed);
        // From here on, drop restores the terminal.
        let screen = Terminal::new(CrosstermBackend::new(io::stderr())).map(FullScreen);
        let screen = screen.inspect_err(|_| restore())?;
        crossterm::execute!(io::stderr(), EnterAlternateScreen, Hide)?;
        Ok(screen)
    }
}

impl Drop for FullScreen {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    if !IS_OPEN.swap(false, Ordering::Relaxed) {
        return;
    }
    let _ = crossterm::execute!(io::stderr(), LeaveAlternateScreen, Show);
    let _ = disable_raw_mode();
}

/// A panic ends a release build at once, without dropping anything.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            hook(panic);
        }));
    });
}

pub(super) async fn run(mut list: List, keyboard: &mut EventStream, colored: bool) -> io::Result<Reviewed> {
    let mut signals = Signals::listen()?;
    let mut screen = FullScreen::open()?;
    loop {
        screen.0.draw(|frame| screen::draw(frame, &mut list, colored))?;
        let height = screen::list_height(screen.0.size()?.height);
        let event = tokio::select! {
            event = keyboard.next() => event,
            () = signals.next() => return Ok(Reviewed::Interrupted),
        };
        match event {
            Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => {
                if let Some(reviewed) = list.press(key, height) {
                    return Ok(reviewed);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
            // The terminal is gone.
            None => return Ok(Reviewed::Interrupted),
        }
    }
}
