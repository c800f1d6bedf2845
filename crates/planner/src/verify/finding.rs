//! What a check finds.
use super::Findings;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "CheckJson")]
pub struct Check {
    pub kind: CheckKind,
    /// Whether there was something to check.
    pub applies: bool,
    pub findings: Vec<VerifyFinding>,
}

/// The result is written too, so that a reader need not derive it.
#[derive(Serialize)]
struct CheckJson {
    check: CheckKind,
    result: CheckResult,
    findings: Vec<VerifyFinding>,
}

impl From<Check> for CheckJson {
    fn from(check: Check) -> CheckJson {
        CheckJson { check: check.kind, result: check.result(), findings: check.findings }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    App,
    /// Pinpoint's record.
    EventStream,
    Trust,
    Permissions,
    Stream,
    Key,
}

impl CheckKind {
    pub const ALL: [CheckKind; 6] = [
        CheckKind::App,
        CheckKind::EventStream,
        CheckKind::Trust,
        CheckKind::Permissions,
        CheckKind::Stream,
        CheckKind::Key,
    ];

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            CheckKind::App => "app",
            CheckKind::EventStream => "event stream",
            CheckKind::Trust => "trust",
            CheckKind::Permissions => "permissions",
            CheckKind::Stream => "stream",
            CheckKind::Key => "key",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    Ok,
    /// There was nothing to check, such as a key of a stream without one.
    NotApplicable,
    Fault,
    /// Something could not be read or decided. Faults are found nevertheless.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyFinding {
    pub code: VerifyCode,
    /// A lowercase fragment, unless it begins with a name.
    pub message: String,
    pub hint: Option<&'static str>,
}

/// What is wrong, or that it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyCode {
    AppNotCreated,
    AppMissing,
    EventStreamMissing,
    WrongDestination,
    WrongRole,
    RoleMissing,
    /// A role of this name exists under another path.
    RoleHasOtherArn,
    /// The principal, `aws:SourceArn`, `aws:SourceAccount` or another condition refuses Pinpoint.
    TrustRefuses,
    TrustDenies,
    PermissionMissing,
    PermissionDenied,
    OutsideBoundary,
    DeniedByOrganization,
    StreamMissing,
    StreamNotActive,
    StreamNotDirectPut,
    /// A policy of the stream itself denies it.
    StreamPolicyDenies,
    KeyMissing,
    KeyPermissionMissing,
    KeyPermissionDenied,
    /// A policy of the key itself denies it, or does not allow it.
    KeyPolicyDenies,
    KeyPolicyMissing,
    /// Not known: a read failed, or the answer depends on what is not known here.
    Unknown,
}

impl VerifyFinding {
    pub(super) fn fault(code: VerifyCode, message: String, hint: &'static str) -> VerifyFinding {
        VerifyFinding { code, message, hint: Some(hint) }
    }

    pub(super) fn unknown(message: String) -> VerifyFinding {
        VerifyFinding { code: VerifyCode::Unknown, message, hint: None }
    }
}

impl Check {
    pub(super) fn of(kind: CheckKind, found: Findings) -> Check {
        match found {
            Findings::Found(findings) => Check { kind, applies: true, findings },
            Findings::NotApplicable => Check { kind, applies: false, findings: Vec::new() },
        }
    }

    pub fn result(&self) -> CheckResult {
        let is_unknown = |finding: &VerifyFinding| finding.code == VerifyCode::Unknown;
        match (self.applies, self.findings.is_empty()) {
            (false, _) => CheckResult::NotApplicable,
            (true, true) => CheckResult::Ok,
            (true, false) if self.findings.iter().any(is_unknown) => CheckResult::Unknown,
            (true, false) => CheckResult::Fault,
        }
    }
}
