//! Roles, one by one and in bulk.
use crate::canned::{Canned, Reply, account, role};
use pinpoint_streams_model::ids::AccountRole;
use pinpoint_streams_model::live::{FailureKind, LastUsed, LiveRole, Unreadable};
use pinpoint_streams_model::policy::Document;
use pinpoint_streams_testkit::Reads;
use std::sync::Arc;

/// `{"Version":"2012-10-17","Statement":[…]}` with a `+` and a space in a condition value, percent-encoded as
/// IAM does: the `+` may stand raw, for it is only a plus.
const TRUST: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
    %22Principal%22%3A%7B%22Service%22%3A%22pinpoint.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%2C\
    %22Condition%22%3A%7B%22StringEquals%22%3A%7B%22aws%3AX%22%3A%22a+b%20c%2Bd%22%7D%7D%7D%5D%7D";
const ID: &str = "AROAEXAMPLEEXAMPLE01";

fn trust() -> Document {
    Document::from_json(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},
            "Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:X":"a+b c+d"}}}]}"#,
    )
    .unwrap()
}

/// What Role and RoleDetail share.
fn common(name: &str, id: &str, trust: &str) -> String {
    format!(
        "<Path>/p/</Path><RoleName>{name}</RoleName><RoleId>{id}</RoleId>\
         <Arn>arn:aws:iam::123456789012:role/p/{name}</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>\
         <AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"
    )
}

fn detail(name: &str, id: &str, trust: &str) -> String {
    format!(
        "<member>{}<RolePolicyList><member><PolicyName>Inline</PolicyName><PolicyDocument>{TRUST}</PolicyDocument>\
         </member></RolePolicyList><AttachedManagedPolicies><member><PolicyName>ReadOnly</PolicyName>\
         <PolicyArn>arn:aws:iam::aws:policy/ReadOnly</PolicyArn></member></AttachedManagedPolicies>\
         <Tags><member><Key>team</Key><Value>growth</Value></member></Tags><RoleLastUsed/></member>",
        common(name, id, trust)
    )
}

fn listed(name: &str, id: &str) -> String {
    format!(
        "<member>{}<Description>What it is for</Description><MaxSessionDuration>7200</MaxSessionDuration></member>",
        common(name, id, TRUST)
    )
}

fn details(roles: &str) -> Reply {
    Reply::xml(
        "GetAccountAuthorizationDetails",
        &format!("<IsTruncated>false</IsTruncated><RoleDetailList>{roles}</RoleDetailList>"),
    )
}

fn list(roles: &str) -> Reply {
    Reply::xml("ListRoles", &format!("<IsTruncated>false</IsTruncated><Roles>{roles}</Roles>"))
}

fn bulk(canned: Canned, detail: &str, listed: &str) -> Canned {
    canned.on("Action=GetAccountAuthorizationDetails", details(detail)).on("Action=ListRoles", list(listed))
}

fn get(role: &str) -> Reply {
    Reply::xml("GetRole", &format!("<Role>{role}</Role>"))
}

fn single(name: &str, id: &str) -> Canned {
    let none = |action: &str, list: &str| Reply::xml(action, &format!("<IsTruncated>false</IsTruncated>{list}"));
    Canned::new()
        .on(&format!("Action=GetRole&Version=2010-05-08&RoleName={name}"), get(&common(name, id, TRUST)))
        .on("Action=ListRolePolicies", none("ListRolePolicies", "<PolicyNames/>"))
        .on("Action=ListAttachedRolePolicies", none("ListAttachedRolePolicies", "<AttachedPolicies/>"))
        .on("Action=ListInstanceProfilesForRole", none("ListInstanceProfilesForRole", "<InstanceProfiles/>"))
}

/// The role `Shop`, read by itself.
async fn one(canned: Canned) -> Result<Option<Arc<LiveRole>>, Unreadable> {
    canned.aws().await.role(&AccountRole::of(&account(), &role())).await
}

fn no_such_role() -> Reply {
    Reply::xml_error(404, "NoSuchEntity", "The role with name Shop cannot be found.")
}

#[tokio::test(start_paused = true)]
async fn both_bulk_answers_make_one_role() {
    let canned = bulk(Canned::new(), &detail("Shop", ID, TRUST), &listed("Shop", ID));
    let mut roles = canned.aws().await.all_roles(&account()).await.unwrap();
    let role = roles.remove(&role()).unwrap().required().unwrap();
    assert_eq!(role.arn.to_string(), "arn:aws:iam::123456789012:role/p/Shop");
    assert_eq!((role.description.as_str(), role.max_session_duration), ("What it is for", 7200));
    assert_eq!(role.trust_policy, trust(), "%20 is a space and + is a plus");
    assert_eq!(role.inline_policies.values().collect::<Vec<_>>(), [&trust()]);
    assert_eq!(role.attached_policies.len(), 1);
    assert_eq!(role.tags.get("team").unwrap(), "growth");
    assert_eq!(role.last_used, LastUsed::Never { within_days: 400 });
    assert_eq!(role.created.unwrap().to_string(), "2026-01-02T03:04:05Z");
    let asked = &canned.sent("Action=GetAccountAuthorizationDetails")[0].body;
    assert!(asked.contains("Filter.member.1=Role") && asked.contains("MaxItems=1000"), "{asked}");
    assert_eq!(canned.sent("iam.amazonaws.com").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_only_one_answer_holds_is_read_by_itself() {
    let gone = Reply::xml_error(404, "NoSuchEntity", "The role with name Gone cannot be found.");
    let canned = single("Made", "AROAEXAMPLEEXAMPLE02").on("RoleName=Gone", gone);
    let canned = bulk(canned, &detail("Gone", ID, TRUST), &listed("Made", "AROAEXAMPLEEXAMPLE02"));
    let roles = canned.aws().await.all_roles(&account()).await.unwrap();
    assert_eq!(roles.keys().map(ToString::to_string).collect::<Vec<_>>(), ["Made"]);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_was_made_anew_between_the_answers_is_read_by_itself() {
    let anew = "AROAEXAMPLEEXAMPLE03";
    let canned = bulk(single("Shop", anew), &detail("Shop", ID, TRUST), &listed("Shop", anew));
    let roles = canned.aws().await.all_roles(&account()).await.unwrap();
    assert_eq!(roles[&role()].present().unwrap().id.as_str(), anew);
}

#[tokio::test(start_paused = true)]
async fn a_role_with_an_odd_document_spoils_no_other() {
    let odd = detail("Odd", "AROAEXAMPLEEXAMPLE04", "%7B%22oops%22");
    let both = format!("{}{}", listed("Shop", ID), listed("Odd", "AROAEXAMPLEEXAMPLE04"));
    let canned = bulk(Canned::new(), &format!("{}{odd}", detail("Shop", ID, TRUST)), &both);
    let roles = canned.aws().await.all_roles(&account()).await.unwrap();
    assert!(roles[&role()].present().is_some());
    let error = roles[&"Odd".parse().unwrap()].clone().known().unwrap_err();
    assert_eq!(error.kind, FailureKind::Unintelligible);
    assert!(error.message.contains("role/p/Odd"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_does_not_exist_is_absent() {
    let canned = Canned::new().on("Action=GetRole&", no_such_role());
    assert_eq!(one(canned).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_role_deleted_while_it_is_read_is_absent() {
    let canned = single("Shop", ID)
        .on("Action=ListRolePolicies", no_such_role())
        .on_each("Action=GetRole&", [get(&common("Shop", ID, TRUST)), no_such_role()]);
    assert_eq!(one(canned).await.unwrap(), None);
}

/// A request for an inline policy of the role `Shop`.
fn of_policy(name: &str) -> String {
    format!("Action=GetRolePolicy&Version=2010-05-08&RoleName=Shop&PolicyName={name}")
}

fn policy(role: &str, name: &str, document: &str) -> Reply {
    let content = format!(
        "<RoleName>{role}</RoleName><PolicyName>{name}</PolicyName><PolicyDocument>{document}</PolicyDocument>"
    );
    Reply::xml("GetRolePolicy", &content)
}

#[tokio::test(start_paused = true)]
async fn an_answer_about_another_role_or_policy_is_unreadable() {
    let names = Reply::xml(
        "ListRolePolicies",
        "<IsTruncated>false</IsTruncated><PolicyNames><member>A</member></PolicyNames>",
    );
    let canned = || single("Shop", ID).on("Action=ListRolePolicies", names.clone());
    assert!(one(canned().on(&of_policy("A"), policy("shop", "A", TRUST))).await.is_ok());
    let of_another = get(&common("Shop", ID, TRUST).replace("role/p/Shop", "role/p/Blog"));
    for canned in [
        single("Shop", ID).on("Action=GetRole&", get(&common("Blog", ID, TRUST))),
        single("Shop", ID).on("Action=GetRole&", of_another),
        canned().on(&of_policy("A"), policy("Blog", "A", TRUST)),
        canned().on(&of_policy("A"), policy("Shop", "B", TRUST)),
    ] {
        assert_eq!(one(canned).await.unwrap_err().kind, FailureKind::Unintelligible);
    }
}

#[tokio::test(start_paused = true)]
async fn one_role_is_read_with_all_that_hangs_on_it() {
    let page = |content: &str| Reply::xml("ListRolePolicies", content);
    let first = "<IsTruncated>true</IsTruncated><Marker>m1</Marker><PolicyNames><member>A</member></PolicyNames>";
    let last = "<IsTruncated>false</IsTruncated><PolicyNames><member>B</member></PolicyNames>";
    let canned = single("Shop", ID)
        .on("Action=ListRolePolicies", page(first))
        .on("Action=ListRolePolicies&Version=2010-05-08&RoleName=Shop&Marker=m1", page(last))
        .on(&of_policy("A"), policy("Shop", "A", TRUST))
        .on(&of_policy("B"), policy("Shop", "B", TRUST));
    let role = one(canned).await.unwrap().unwrap();
    assert_eq!(role.inline_policies.keys().map(ToString::to_string).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(role.last_used, LastUsed::NotRead, "what was not said is not `never`");
    assert_eq!(role.max_session_duration, 3600);
}

#[tokio::test(start_paused = true)]
async fn an_inline_policy_that_cannot_be_read_fails_the_role_and_is_named_beside_the_rest_of_it() {
    let names = ["Denied", "Garbled", "Gone", "Read"].map(|name| format!("<member>{name}</member>"));
    let list = format!("<IsTruncated>false</IsTruncated><PolicyNames>{}</PolicyNames>", names.concat());
    let of = of_policy;
    let gone = Reply::xml_error(404, "NoSuchEntity", "The role policy with name Gone cannot be found.");
    let canned = single("Shop", ID)
        .on("Action=ListRolePolicies", Reply::xml("ListRolePolicies", &list))
        .on(&of("Denied"), Reply::xml_error(403, "AccessDenied", "me is not authorized to perform: it"))
        .on(&of("Garbled"), policy("Shop", "Garbled", "%7B%22oops%22"))
        .on(&of("Gone"), gone)
        .on(&of("Read"), policy("Shop", "Read", TRUST));
    let at = AccountRole::of(&account(), &role());
    let part = canned.clone().aws().await.role_in_part(&at).await.unwrap().unwrap();
    assert_eq!(part.role.inline_policies.keys().map(ToString::to_string).collect::<Vec<_>>(), ["Read"]);
    assert_eq!(part.role.trust_policy, trust());
    let unread = part.unread_policies.into_iter();
    let unread: Vec<_> = unread.map(|(name, why)| (name.to_string(), why.kind, why.operation)).collect();
    let expected = [
        ("Denied", FailureKind::Denied),
        ("Garbled", FailureKind::Unintelligible),
        ("Gone", FailureKind::NotFound),
    ];
    assert_eq!(unread, expected.map(|(name, kind)| (name.to_owned(), kind, "GetRolePolicy".to_owned())));
    let error = one(canned).await.unwrap_err();
    assert_eq!((error.kind, error.operation.as_str()), (FailureKind::Denied, "GetRolePolicy"));

    let absent = Canned::new().on("Action=GetRole&", no_such_role());
    assert_eq!(absent.aws().await.role_in_part(&at).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn quotas_are_the_accounts_own() {
    let entry = |key: &str, value: u32| format!("<entry><key>{key}</key><value>{value}</value></entry>");
    let map = [
        entry("Roles", 7),
        entry("RolesQuota", 1000),
        entry("AssumeRolePolicySizeQuota", 4096),
        entry("RolePolicySizeQuota", 10240),
    ];
    let summary = Reply::xml("GetAccountSummary", &format!("<SummaryMap>{}</SummaryMap>", map.concat()));
    let quotas =
        Canned::new().on("Action=GetAccountSummary", summary).aws().await.quotas(&account()).await.unwrap();
    assert_eq!((quotas.roles, quotas.roles_quota), (7, 1000));
    assert_eq!((quotas.trust_policy_size, quotas.inline_policies_size), (4096, 10240));
}

#[tokio::test(start_paused = true)]
async fn the_list_alone_says_whom_every_role_trusts_to_the_last_page() {
    let odd = listed("Odd", "AROAEXAMPLEEXAMPLE04").replace(TRUST, "%7B%22oops%22");
    let first = format!("<IsTruncated>true</IsTruncated><Marker>m1</Marker><Roles>{odd}</Roles>");
    let canned = Canned::new()
        .on("Action=ListRoles", Reply::xml("ListRoles", &first))
        .on("Marker=m1", list(&listed("Shop", ID)));
    let roles = canned.aws().await.role_list(&account()).await.unwrap();
    let shop = roles[&role()].present().unwrap();
    assert_eq!((&shop.trust_policy, shop.id.as_str()), (&trust(), ID));
    assert_eq!(shop.created.unwrap().to_string(), "2026-01-02T03:04:05Z");
    let error = roles[&"Odd".parse().unwrap()].clone().known().unwrap_err();
    assert_eq!((error.kind, error.operation.as_str()), (FailureKind::Unintelligible, "ListRoles"));
    assert_eq!(canned.sent("Action=").len(), 3, "whose the credentials are, and two pages");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_is_no_list() {
    let first = format!("<IsTruncated>true</IsTruncated><Marker>m1</Marker><Roles>{}</Roles>", listed("Shop", ID));
    for (reply, kind) in [
        (Reply::xml_error(403, "AccessDenied", "me is not authorized to perform: it"), FailureKind::Denied),
        (Reply::xml_error(500, "ServiceFailure", ""), FailureKind::Server),
        (Reply::html(404), FailureKind::Unintelligible),
        (Reply::Silence, FailureKind::Timeout),
    ] {
        let canned = Canned::new().on("Action=ListRoles", Reply::xml("ListRoles", &first)).on("Marker=m1", reply);
        assert_eq!(canned.aws().await.role_list(&account()).await.unwrap_err().kind, kind);
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_made_from_a_template_names_it_alone_and_in_bulk() {
    let arn = "arn:aws:iam::aws:role-template/Analytics";
    let template = format!(
        "<SourceRoleTemplate><TemplateArn>{arn}</TemplateArn><TemplateMinorVersion>1</TemplateMinorVersion>\
         </SourceRoleTemplate>"
    );
    let whole = format!("{}{template}", common("Shop", ID, TRUST));
    let canned = single("Shop", ID).on("Action=GetRole&", get(&whole));
    assert_eq!(one(canned).await.unwrap().unwrap().template.as_deref(), Some(arn));

    let listed = listed("Shop", ID).replace("</member>", &format!("{template}</member>"));
    let canned = bulk(Canned::new(), &detail("Shop", ID, TRUST), &listed);
    let roles = canned.aws().await.all_roles(&account()).await.unwrap();
    assert_eq!(roles[&role()].present().unwrap().template.as_deref(), Some(arn));
}

#[tokio::test(start_paused = true)]
async fn a_role_whose_arn_reads_as_its_unique_id_is_read_again_until_a_timeout() {
    let arn = "arn:aws:iam::123456789012:role/p/Shop";
    let fresh = common("Shop", ID, TRUST).replace(arn, ID);
    let throttled = Reply::xml_error(400, "Throttling", "Rate exceeded");
    let ready = || get(&common("Shop", ID, TRUST));

    let canned = single("Shop", ID).on_each("Action=GetRole&", [get(&fresh), get(&fresh), throttled, ready()]);
    assert_eq!(one(canned.clone()).await.unwrap().unwrap().arn.to_string(), arn);
    assert_eq!(canned.sent("Action=GetRole&").len(), 4);

    let canned = single("Shop", ID).on_each("Action=GetRole&", [get(&fresh), ready()]);
    let member = format!("<member>{fresh}</member>");
    let all = bulk(canned, &member, &member).aws().await.all_roles(&account()).await.unwrap();
    assert_eq!(all[&role()].present().unwrap().arn.to_string(), arn);

    let aws = single("Shop", ID).on("Action=GetRole&", get(&fresh)).aws().await;
    let began = tokio::time::Instant::now();
    let error = aws.role(&AccountRole::of(&account(), &role())).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Unintelligible, "never an absence: {error}");
    assert!(error.message.contains(ID), "{error}");
    assert!((120..130).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}
