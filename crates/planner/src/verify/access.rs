//! Whether Pinpoint may assume the role, and the role may write to the stream and use its key.
use super::resource_policy::Caller;
use super::{Asked, Findings, VerifyCode, VerifyFinding, fault, unknown};
use pinpoint_streams_model::live::resource_policy::{KeyPolicy, StreamPolicy};
use pinpoint_streams_model::live::simulation::{SimulatedAccess, SimulatedDecision, SimulatedEffect, Simulation};
use pinpoint_streams_model::{
    Decision, Document, KmsKeyArn, Live, LiveRole, Question, Read, StreamArn, StreamService,
};

/// The customer managed key of a stream.
enum Key {
    None,
    Arn(KmsKeyArn),
    /// An alias, which may lead to any key.
    Alias(String),
}

impl Asked<'_> {
    /// The role, or why it cannot be checked.
    fn role_to_check<'l>(&self, live: &'l Live) -> Result<&'l LiveRole, Findings> {
        let role = &self.role;
        match live.roles.get(&role.in_account()) {
            Some(Read::Present(live)) if live.arn == *role => Ok(live),
            Some(Read::Present(live)) => {
                let message = format!("the role of this name is {}, not {role}", live.arn);
                Err(fault(VerifyCode::RoleHasOtherArn, message, "correct the path of the role"))
            }
            Some(Read::Absent) => {
                let message = format!("there is no role {role}");
                Err(fault(VerifyCode::RoleMissing, message, "`apply` creates a role that the manifest declares"))
            }
            Some(Read::Unreadable(why)) => Err(unknown(format!("role {role} could not be read: {why}"))),
            None => Err(unknown(format!("role {role} was not read"))),
        }
    }

    /// The request is the one of Pinpoint: its principal, `aws:SourceArn` of the app, `aws:SourceAccount`.
    pub(super) fn check_trust(&self, live: &Live) -> Findings {
        let role = match self.role_to_check(live) {
            Ok(role) => role,
            Err(found) => return found,
        };
        let Some(app) = &self.app_arn else { return Findings::NotApplicable };
        let admission = Self::KIND.explain_admission(&role.trust_policy, &app.to_string(), app.account.as_str());
        let hint = "`apply` writes the trust policy again; `policy show` shows it";
        match &admission.decision {
            Decision::Allowed => Vec::new().into(),
            Decision::ExplicitlyDenied => {
                fault(VerifyCode::TrustDenies, "a Deny of the trust policy refuses Pinpoint".to_owned(), hint)
            }
            Decision::Undecidable(why) => unknown(format!("the trust policy depends on {why}")),
            Decision::NotAllowed if admission.mismatches().is_empty() => fault(
                VerifyCode::TrustRefuses,
                "no statement of the trust policy allows anything".to_owned(),
                hint,
            ),
            Decision::NotAllowed => {
                let mismatches = admission.mismatches().iter();
                let finding = |one| VerifyFinding::fault(VerifyCode::TrustRefuses, format!("{one}"), hint);
                mismatches.map(finding).collect::<Vec<_>>().into()
            }
        }
    }

    pub(super) fn check_permissions(&self, live: &Live) -> Findings {
        match self.role_to_check(live) {
            // The trust check names it.
            Err(_) => Findings::NotApplicable,
            Ok(role) => {
                let stream = &self.stream.target.arn;
                let own = match live.stream_policies.get(stream) {
                    Some(Read::Present(StreamPolicy(policy))) => OwnPolicy::Read(policy),
                    Some(Read::Absent) => OwnPolicy::None,
                    Some(Read::Unreadable(why)) => OwnPolicy::Unread(why.to_string()),
                    None if stream.service() == StreamService::Firehose => OwnPolicy::None,
                    None => OwnPolicy::Unread("it was not read".to_owned()),
                };
                let caller = Caller { role, stream };
                decisions(&self.access_to_stream(), &own, &caller, live, &STREAM_CODES)
            }
        }
    }

    pub(super) fn check_key(&self, live: &Live) -> Findings {
        let Ok(role) = self.role_to_check(live) else { return Findings::NotApplicable };
        match self.key(live) {
            Key::None => Findings::NotApplicable,
            Key::Arn(key) => {
                let own = match live.key_policies.get(&key) {
                    Some(Read::Present(KeyPolicy(policy))) => OwnPolicy::Read(policy),
                    Some(Read::Absent) => {
                        let message = format!("there is no key {key}");
                        return fault(
                            VerifyCode::KeyMissing,
                            message,
                            "encrypt the stream with a key that exists",
                        );
                    }
                    Some(Read::Unreadable(why)) => OwnPolicy::Unread(why.to_string()),
                    None => OwnPolicy::Unread("it was not read".to_owned()),
                };
                let caller = Caller { role, stream: &self.stream.target.arn };
                decisions(&self.access_to_key(&key), &own, &caller, live, &KEY_CODES)
            }
            Key::Alias(alias) => unknown(format!(
                "the stream is encrypted with the key of {alias}, and only the ARN of a key can be simulated"
            )),
        }
    }

    /// What decides on access, as far as it is known what for.
    pub(super) fn access_questions(&self, live: &Live) -> impl Iterator<Item = Question> {
        let stream = self.stream.target.arn.clone();
        let stream_policy = (stream.service() == StreamService::Kinesis).then_some(Question::StreamPolicy(stream));
        let of_key = match self.key(live) {
            Key::Arn(key) => vec![Question::Simulation(self.access_to_key(&key)), Question::KeyPolicy(key)],
            Key::None | Key::Alias(_) => Vec::new(),
        };
        [Question::Simulation(self.access_to_stream())].into_iter().chain(stream_policy).chain(of_key)
    }

    fn access_to_stream(&self) -> SimulatedAccess {
        let resource = self.stream.target.arn.to_string();
        let actions = Self::KIND.actions_on(&resource).iter().map(|action| (*action).to_owned());
        SimulatedAccess { role: self.role.clone(), actions: actions.collect(), resource }
    }

    fn access_to_key(&self, key: &KmsKeyArn) -> SimulatedAccess {
        let stream = self.stream.target.arn.to_string();
        let actions = Self::KIND.key_actions_on(&stream).iter().map(|action| (*action).to_owned());
        SimulatedAccess { role: self.role.clone(), actions: actions.collect(), resource: key.to_string() }
    }

    /// The customer managed key of the live stream. Kinesis may name it by its ARN or its ID.
    fn key(&self, live: &Live) -> Key {
        let arn: &StreamArn = &self.stream.target.arn;
        let stream = live.streams.get(arn).and_then(Read::present);
        let Some(key) = stream.and_then(|stream| stream.customer_key.clone()) else { return Key::None };
        let partition = arn.region().partition();
        let of_id = format!("arn:{partition}:kms:{}:{}:key/{key}", arn.region(), arn.account());
        match key.parse().or_else(|_| of_id.parse()) {
            Ok(key) => Key::Arn(key),
            Err(_) => Key::Alias(key),
        }
    }
}

/// The policy of a stream or a key itself.
enum OwnPolicy<'l> {
    None,
    Read(&'l Document),
    Unread(String),
}

/// The codes of faults.
struct Codes {
    /// What has the policy.
    subject: &'static str,
    missing: VerifyCode,
    denied: VerifyCode,
    own_policy_denies: VerifyCode,
    /// Set if the resource's own policy must allow it, too.
    own_policy_missing: Option<VerifyCode>,
    hint: &'static str,
}

const STREAM_CODES: Codes = Codes {
    subject: "stream",
    missing: VerifyCode::PermissionMissing,
    denied: VerifyCode::PermissionDenied,
    own_policy_denies: VerifyCode::StreamPolicyDenies,
    own_policy_missing: None,
    hint: "`apply` writes the policy of a role that the manifest declares",
};

/// Source: KMS developer guide, "Key policies in AWS KMS": no IAM policy allows anything that the key policy does not.
const KEY_CODES: Codes = Codes {
    subject: "key",
    missing: VerifyCode::KeyPermissionMissing,
    denied: VerifyCode::KeyPermissionDenied,
    own_policy_denies: VerifyCode::KeyPolicyDenies,
    own_policy_missing: Some(VerifyCode::KeyPolicyMissing),
    hint: "set kms_key of that stream in the manifest to this key",
};

fn decisions(
    access: &SimulatedAccess,
    own: &OwnPolicy<'_>,
    caller: &Caller<'_>,
    live: &Live,
    codes: &Codes,
) -> Findings {
    let mut found = Vec::new();
    match live.simulations.get(access) {
        Some(Read::Present(simulation)) => found.extend(simulated(simulation, access, own, caller, codes)),
        Some(Read::Absent) => return unknown("the role was deleted meanwhile".to_owned()),
        Some(Read::Unreadable(why)) => {
            found.push(VerifyFinding::unknown(format!("IAM did not simulate the policies of the role: {why}")));
        }
        None => return unknown("the policies of the role were not simulated".to_owned()),
    }
    found.extend(of_own_policy(access, own, caller, codes));
    found.into()
}

fn simulated(
    Simulation(of_actions): &Simulation,
    access: &SimulatedAccess,
    own: &OwnPolicy<'_>,
    caller: &Caller<'_>,
    codes: &Codes,
) -> Vec<VerifyFinding> {
    // What the resource itself grants to the role needs no policy of the role, but nothing may deny it.
    let is_granted = |action: &str, decision: &SimulatedDecision| match own {
        OwnPolicy::Read(policy) => {
            decision.effect == SimulatedEffect::ImplicitlyDenied
                && !decision.is_outside_boundary
                && !decision.is_denied_by_organization
                && caller.is_granted(policy, action, &access.resource)
        }
        OwnPolicy::None | OwnPolicy::Unread(_) => false,
    };
    let refused = of_actions
        .iter()
        .filter(|(action, decision)| decision.effect != SimulatedEffect::Allowed && !is_granted(action, decision));
    // What is refused for the same reason is one finding.
    let mut alike: Vec<(&SimulatedDecision, Vec<&str>)> = Vec::new();
    for (action, decision) in refused {
        match alike.iter_mut().find(|(known, _)| *known == decision) {
            Some((_, actions)) => actions.push(action),
            None => alike.push((decision, vec![action.as_str()])),
        }
    }
    let finding = |(decision, actions): &(&SimulatedDecision, Vec<&str>)| {
        refusal(&actions.join(" and "), decision, &access.resource, codes)
    };
    alike.iter().map(finding).collect()
}

fn of_own_policy(
    access: &SimulatedAccess,
    own: &OwnPolicy<'_>,
    caller: &Caller<'_>,
    codes: &Codes,
) -> Vec<VerifyFinding> {
    let (subject, resource) = (codes.subject, &access.resource);
    let policy = match own {
        OwnPolicy::None => return Vec::new(),
        OwnPolicy::Unread(why) => {
            let message = format!("the policy of {subject} {resource} itself could not be read: {why}");
            return vec![VerifyFinding::unknown(message)];
        }
        OwnPolicy::Read(policy) => policy,
    };
    let mut alike: Vec<(Decision, Vec<&str>)> = Vec::new();
    for action in &access.actions {
        let decision = caller.decision(policy, action, resource);
        match alike.iter_mut().find(|(known, _)| *known == decision) {
            Some((_, actions)) => actions.push(action),
            None => alike.push((decision, vec![action.as_str()])),
        }
    }
    let finding = |(decision, actions): &(Decision, Vec<&str>)| {
        let actions = actions.join(" and ");
        let fault = |code, verb| {
            let message = format!("the policy of {subject} {resource} itself {verb} {actions}");
            let hint = "change that policy; it was read and evaluated here, not simulated by IAM";
            Some(VerifyFinding::fault(code, message, hint))
        };
        match (decision, codes.own_policy_missing) {
            (Decision::ExplicitlyDenied, _) => fault(codes.own_policy_denies, "denies the role"),
            (Decision::NotAllowed, Some(code)) => fault(code, "allows neither the role nor its account"),
            (Decision::Undecidable(why), _) => {
                let what = format!("whether the policy of {subject} {resource} itself allows {actions}");
                Some(VerifyFinding::unknown(format!("{what} depends on {why}")))
            }
            (Decision::NotAllowed, None) | (Decision::Allowed, _) => None,
        }
    };
    alike.iter().filter_map(finding).collect()
}

fn refusal(actions: &str, decision: &SimulatedDecision, resource: &str, codes: &Codes) -> VerifyFinding {
    let SimulatedDecision { effect, is_outside_boundary, is_denied_by_organization, missing_context } = decision;
    if *is_denied_by_organization {
        let message =
            format!("a service control policy of the organization does not allow {actions} on {resource}");
        return VerifyFinding::fault(VerifyCode::DeniedByOrganization, message, "ask its administrators");
    }
    if *is_outside_boundary {
        let message = format!("the permissions boundary of the role does not allow {actions} on {resource}");
        return VerifyFinding::fault(
            VerifyCode::OutsideBoundary,
            message,
            "allow it in the boundary, or use another",
        );
    }
    if !missing_context.is_empty() {
        let keys = missing_context.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        return VerifyFinding::unknown(format!("whether the role may {actions} on {resource} depends on {keys}"));
    }
    let (code, message) = match effect {
        SimulatedEffect::ExplicitlyDenied => {
            (codes.denied, format!("a policy of the role denies {actions} on {resource}"))
        }
        SimulatedEffect::ImplicitlyDenied | SimulatedEffect::Allowed => {
            (codes.missing, format!("no policy of the role allows {actions} on {resource}"))
        }
    };
    VerifyFinding::fault(code, message, codes.hint)
}
