//! What of a comment is shown where not all of it fits: each block in full, in short, or not at all.

/// The maximum number of characters of a comment. GitHub rejects one of more than 65,536.
pub(super) const LIMIT: usize = 65_000;

pub(super) fn characters(text: &str) -> usize {
    text.chars().count()
}

/// Text with room for so many characters, that accepts a block only if the whole block fits.
#[derive(Debug)]
pub(super) struct Bounded {
    pub(super) text: String,
    room: usize,
}

impl Bounded {
    pub(super) fn new(room: usize) -> Bounded {
        Bounded { text: String::new(), room }
    }

    pub(super) fn add(&mut self, block: &str) -> bool {
        let needed = characters(block);
        let fits = needed <= self.room;
        if fits {
            self.room -= needed;
            self.text.push_str(block);
        }
        fits
    }

    /// The characters that blocks may take beside these, which are still to be added in short. Where not even those
    /// fit, a third of the room: what comes first is worth more than the names of what comes last.
    pub(super) fn spare(&self, in_short: usize) -> usize {
        self.room.saturating_sub(in_short).max(self.room / 3)
    }

    /// Adds as many items as fit and at most so many, and a line with the number of the others.
    pub(super) fn list(&mut self, items: &[String], most: usize) {
        const REST: usize = 40;
        let mut shown = 0;
        for item in items.iter().take(most) {
            if characters(item) + REST > self.room || !self.add(item) {
                break;
            }
            shown += 1;
        }
        if shown < items.len() {
            self.add(&format!("- and {} more\n", items.len() - shown));
        }
    }
}

/// A budget for details, which is spent from the first block on.
#[derive(Debug)]
pub(super) struct Spare(pub(super) usize);

impl Spare {
    /// Whether there is enough left, which is spent then.
    pub(super) fn take(&mut self, characters: usize) -> bool {
        let is_enough = characters <= self.0;
        if is_enough {
            self.0 -= characters;
        }
        is_enough
    }
}

/// What was left out of a comment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Omitted {
    /// Rows that are not shown at all.
    pub(super) rows: usize,
    /// Rows without their details.
    pub(super) details: usize,
}
