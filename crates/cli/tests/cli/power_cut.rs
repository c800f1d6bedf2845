//! The program, cut off at exact points of what it writes. What is on disk at such a point stays; the process does
//! not. Each accepted write to the embedded account is a line on disk too, so these points are also those before
//! and after every call that changes AWS.
mod matrix;
mod one_file;
mod picture;
mod point;
mod restored;
mod scenario;
mod stopped;
mod two_at_once;

pub(crate) use point::{Fate, Held, Point, befall};
