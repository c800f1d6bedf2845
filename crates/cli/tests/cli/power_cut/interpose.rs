//! Stands between a program and the C library: counts the calls that change files below a folder and does at one
//! of them what the environment asks for. Built as a library by `point.rs` and loaded with `LD_PRELOAD`; no part
//! of any crate. Without its variables it does nothing.
//!
//! ```text
//! POWER_CUT_FOLDER   the folder; calls elsewhere are let through and not counted
//! POWER_CUT_LOG      each counted call is appended to this file: CALL, a tab, PATH
//! POWER_CUT_CALL     count only this call: create, write, sync, truncate, rename, remove or folder; change: all but sync
//! POWER_CUT_PATH     count only calls for paths that hold this text below the folder
//! POWER_CUT_NTH      the call at which something happens, from 1
//! POWER_CUT_FATE     kill-before, kill-half, kill-after, hold, full, or refuse:ERRNO
//! POWER_CUT_GATE     for hold: a file made when the call is reached; the call goes on once it is taken away
//! ```
use std::ffi::{CStr, CString, OsString, c_char, c_int, c_long, c_uint, c_void};
use std::os::unix::ffi::OsStringExt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

const RTLD_NEXT: *mut c_void = -1isize as *mut c_void;
const SIGKILL: c_int = 9;
const ENOSPC: c_int = 28;
const O_WRONLY: c_int = 0o1;
const O_CREAT: c_int = 0o100;
const O_APPEND: c_int = 0o2000;
/// How often a gate is looked at, and how often at most before the process gives up: a minute.
const GATE_PAUSE_NANOSECONDS: c_long = 2_000_000;
const GATE_LOOKS: usize = 30_000;
/// How a process ends whose gate nobody opened.
const NOBODY_CAME: c_int = 97;

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: c_long,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct IoVec {
    base: *mut c_void,
    length: usize,
}

unsafe extern "C" {
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn __errno_location() -> *mut c_int;
    fn kill(process: c_int, signal: c_int) -> c_int;
    fn getpid() -> c_int;
    fn pause() -> c_int;
    fn _exit(code: c_int) -> !;
    fn access(path: *const c_char, mode: c_int) -> c_int;
    fn nanosleep(time: *const Timespec, left: *mut Timespec) -> c_int;
    fn readlink(path: *const c_char, to: *mut c_char, size: usize) -> isize;
    fn getcwd(to: *mut c_char, size: usize) -> *mut c_char;
}

/// The C library's own function of this name; to be called where `unsafe` is said.
macro_rules! real {
    ($name:literal as fn($($argument:ty),*) -> $result:ty) => {{
        let found = dlsym(RTLD_NEXT, concat!($name, "\0").as_ptr().cast());
        std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($argument),*) -> $result>(found)
    }};
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    KillBefore,
    KillHalf,
    KillAfter,
    Hold,
    Full,
    Refuse(c_int),
}

struct Orders {
    folder: Vec<u8>,
    log: Option<c_int>,
    call: Option<Vec<u8>>,
    path: Option<Vec<u8>>,
    nth: usize,
    fate: Option<Fate>,
    gate: Option<CString>,
}

static ORDERS: OnceLock<Option<Orders>> = OnceLock::new();
static MET: AtomicUsize = AtomicUsize::new(0);

fn variable(name: &str) -> Option<Vec<u8>> {
    std::env::var_os(name).map(OsString::into_vec)
}

fn text(name: &str) -> Option<String> {
    variable(name).and_then(|value| String::from_utf8(value).ok())
}

fn fate(text: &str) -> Option<Fate> {
    match text {
        "kill-before" => Some(Fate::KillBefore),
        "kill-half" => Some(Fate::KillHalf),
        "kill-after" => Some(Fate::KillAfter),
        "hold" => Some(Fate::Hold),
        "full" => Some(Fate::Full),
        _ => text.strip_prefix("refuse:").and_then(|errno| errno.parse().ok()).map(Fate::Refuse),
    }
}

fn orders() -> Option<&'static Orders> {
    let read = || {
        let log = variable("POWER_CUT_LOG").and_then(|path| CString::new(path).ok()).map(|path| {
            let flags = O_WRONLY | O_CREAT | O_APPEND;
            unsafe { real!("open64" as fn(*const c_char, c_int, c_uint) -> c_int)(path.as_ptr(), flags, 0o600) }
        });
        Some(Orders {
            folder: variable("POWER_CUT_FOLDER")?,
            log,
            call: variable("POWER_CUT_CALL"),
            path: variable("POWER_CUT_PATH"),
            nth: text("POWER_CUT_NTH").and_then(|nth| nth.parse().ok()).unwrap_or(0),
            fate: text("POWER_CUT_FATE").as_deref().and_then(fate),
            gate: variable("POWER_CUT_GATE").and_then(|path| CString::new(path).ok()),
        })
    };
    ORDERS.get_or_init(read).as_ref()
}

impl Orders {
    fn concern(&self, call: &str, path: &[u8]) -> bool {
        let Some(below) = path.strip_prefix(self.folder.as_slice()) else { return false };
        let holds = |part: &Vec<u8>| below.windows(part.len().max(1)).any(|window| window == part.as_slice());
        let is_wanted = |wanted: &Vec<u8>| match wanted.as_slice() {
            b"change" => call != "sync",
            wanted => wanted == call.as_bytes(),
        };
        below.starts_with(b"/")
            && self.call.as_ref().is_none_or(is_wanted)
            && self.path.as_ref().is_none_or(holds)
    }

    fn note(&self, call: &str, path: &[u8]) {
        let Some(log) = self.log else { return };
        let line = [call.as_bytes(), b"\t", path, b"\n"].concat();
        let bytes = line.as_ptr().cast();
        unsafe { real!("write" as fn(c_int, *const c_void, usize) -> isize)(log, bytes, line.len()) };
    }

    fn wait_at_gate(&self) {
        let Some(gate) = &self.gate else { return };
        let open = |flags| unsafe {
            real!("open64" as fn(*const c_char, c_int, c_uint) -> c_int)(gate.as_ptr(), flags, 0o600)
        };
        open(O_WRONLY | O_CREAT);
        for _ in 0..GATE_LOOKS {
            if unsafe { access(gate.as_ptr(), 0) } != 0 {
                return;
            }
            let pause = Timespec { seconds: 0, nanoseconds: GATE_PAUSE_NANOSECONDS };
            unsafe { nanosleep(&pause, std::ptr::null_mut()) };
        }
        unsafe { _exit(NOBODY_CAME) }
    }
}

/// The process ends here, in the middle of everything.
fn die() -> ! {
    unsafe { kill(getpid(), SIGKILL) };
    loop {
        unsafe { pause() };
    }
}

fn refuse(errno: c_int) {
    unsafe { *__errno_location() = errno };
}

/// One call: lets it through, or does to it what was asked for.
fn meet<T>(
    call: &str,
    path: Option<Vec<u8>>,
    real: impl FnOnce() -> T,
    half: impl FnOnce() -> T,
    refused: T,
) -> T {
    let (Some(orders), Some(path)) = (orders(), path) else { return real() };
    if !orders.concern(call, &path) {
        return real();
    }
    let nth = MET.fetch_add(1, Ordering::SeqCst) + 1;
    orders.note(call, &path);
    let takes_space = matches!(call, "create" | "write" | "folder");
    match orders.fate {
        Some(Fate::Full) if nth > orders.nth && takes_space => {
            refuse(ENOSPC);
            refused
        }
        // What still fits is written; the next write is the one that is refused.
        Some(Fate::Full) if nth == orders.nth && takes_space => half(),
        Some(fate) if nth == orders.nth => match fate {
            Fate::KillBefore => die(),
            Fate::KillHalf => {
                half();
                die()
            }
            Fate::KillAfter => {
                real();
                die()
            }
            Fate::Hold => {
                orders.wait_at_gate();
                real()
            }
            Fate::Refuse(errno) => {
                refuse(errno);
                refused
            }
            Fate::Full => real(),
        },
        Some(_) | None => real(),
    }
}

/// Where a path leads, without following what is there.
fn absolute(path: *const c_char) -> Option<Vec<u8>> {
    let path = unsafe { CStr::from_ptr(path) }.to_bytes();
    if path.starts_with(b"/") {
        return Some(path.to_vec());
    }
    let mut folder = vec![0u8; 4096];
    if unsafe { getcwd(folder.as_mut_ptr().cast(), folder.len()) }.is_null() {
        return None;
    }
    folder.truncate(folder.iter().position(|byte| *byte == 0)?);
    Some([folder.as_slice(), b"/", path].concat())
}

/// The file that is open.
fn opened(file: c_int) -> Option<Vec<u8>> {
    orders()?;
    let link = CString::new(format!("/proc/self/fd/{file}")).ok()?;
    let mut path = vec![0u8; 4096];
    let length = unsafe { readlink(link.as_ptr(), path.as_mut_ptr().cast(), path.len()) };
    path.truncate(usize::try_from(length).ok()?);
    Some(path)
}

fn within(folder: c_int, name: *const c_char) -> Option<Vec<u8>> {
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some([opened(folder)?.as_slice(), b"/", name].concat())
}

fn creates(path: *const c_char, flags: c_int) -> bool {
    flags & O_CREAT != 0 && unsafe { access(path, 0) } != 0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let open = || unsafe { real!("open64" as fn(*const c_char, c_int, c_uint) -> c_int)(path, flags, mode) };
    if creates(path, flags) { meet("create", absolute(path), open, open, -1) } else { open() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    let open = || unsafe { real!("open" as fn(*const c_char, c_int, c_uint) -> c_int)(path, flags, mode) };
    if creates(path, flags) { meet("create", absolute(path), open, open, -1) } else { open() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn mkdir(path: *const c_char, mode: c_uint) -> c_int {
    let make = || unsafe { real!("mkdir" as fn(*const c_char, c_uint) -> c_int)(path, mode) };
    if unsafe { access(path, 0) } == 0 {
        return make();
    }
    meet("folder", absolute(path), make, make, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(file: c_int, bytes: *const c_void, length: usize) -> isize {
    let write =
        |length| unsafe { real!("write" as fn(c_int, *const c_void, usize) -> isize)(file, bytes, length) };
    meet("write", opened(file), || write(length), || write(length / 2), -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn writev(file: c_int, parts: *const IoVec, count: c_int) -> isize {
    let write = |count| unsafe { real!("writev" as fn(c_int, *const IoVec, c_int) -> isize)(file, parts, count) };
    let half = || {
        let first = unsafe { *parts };
        unsafe { real!("write" as fn(c_int, *const c_void, usize) -> isize)(file, first.base, first.length / 2) }
    };
    meet("write", opened(file), || write(count), half, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(file: c_int, length: i64) -> c_int {
    let cut = || unsafe { real!("ftruncate64" as fn(c_int, i64) -> c_int)(file, length) };
    meet("truncate", opened(file), cut, cut, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(file: c_int) -> c_int {
    let sync = || unsafe { real!("fsync" as fn(c_int) -> c_int)(file) };
    meet("sync", opened(file), sync, sync, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(file: c_int) -> c_int {
    let sync = || unsafe { real!("fdatasync" as fn(c_int) -> c_int)(file) };
    meet("sync", opened(file), sync, sync, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let rename = || unsafe { real!("rename" as fn(*const c_char, *const c_char) -> c_int)(from, to) };
    meet("rename", absolute(to), rename, rename, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn link(from: *const c_char, to: *const c_char) -> c_int {
    let link = || unsafe { real!("link" as fn(*const c_char, *const c_char) -> c_int)(from, to) };
    meet("create", absolute(to), link, link, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    let remove = || unsafe { real!("unlink" as fn(*const c_char) -> c_int)(path) };
    meet("remove", absolute(path), remove, remove, -1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlinkat(folder: c_int, name: *const c_char, flags: c_int) -> c_int {
    let remove = || unsafe { real!("unlinkat" as fn(c_int, *const c_char, c_int) -> c_int)(folder, name, flags) };
    meet("remove", within(folder, name), remove, remove, -1)
}
