use crate::caller::{ACCOUNT, Answer, Caller, sandbox, trust};

/// All pages of a listing: what each holds.
async fn pages(caller: &Caller, action: &str, size: &str, more: &[(&str, &str)]) -> Vec<Answer> {
    let mut pages = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let mut parameters = vec![("MaxItems", size)];
        parameters.extend(more);
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = caller.iam(action, &parameters).await.ok();
        marker = page.xml("Marker").map(str::to_owned);
        assert_eq!(page.xml("IsTruncated") == Some("true"), marker.is_some());
        pages.push(page);
        if marker.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn roles_are_listed_in_pages_below_a_path() {
    let caller = Caller::of(&sandbox());
    let trust = trust(ACCOUNT);
    for n in 0..7 {
        let (name, path) = (format!("Role{n}"), if n % 2 == 0 { "/even/" } else { "/odd/" });
        let parameters = [("RoleName", name.as_str()), ("Path", path), ("AssumeRolePolicyDocument", &trust)];
        caller.iam("CreateRole", &parameters).await.ok();
    }
    let all = pages(&caller, "ListRoles", "3", &[]).await;
    let sizes: Vec<usize> = all.iter().map(|page| page.all_xml("RoleName").len()).collect();
    assert_eq!(sizes, [3, 3, 1]);
    let even = pages(&caller, "ListRoles", "2", &[("PathPrefix", "/even")]).await;
    assert_eq!(even.len(), 2, "a full last page is not truncated");
    let names: Vec<&str> = even.iter().flat_map(|page| page.all_xml("RoleName")).collect();
    assert_eq!(names, ["Role0", "Role2", "Role4", "Role6"]);
}

#[tokio::test]
async fn a_role_deleted_between_two_pages_hides_no_other() {
    let caller = Caller::of(&sandbox());
    for name in ["A", "B", "C", "D"] {
        caller.create_role(name, &trust(ACCOUNT)).await.ok();
    }
    let first = caller.iam("ListRoles", &[("MaxItems", "2")]).await.ok();
    caller.iam("DeleteRole", &[("RoleName", "A")]).await.ok();
    let marker = first.xml("Marker").unwrap();
    let second = caller.iam("ListRoles", &[("MaxItems", "2"), ("Marker", marker)]).await.ok();
    assert_eq!((second.all_xml("RoleName"), second.xml("Marker")), (vec!["C", "D"], None));
}

#[tokio::test]
async fn pages_have_one_to_a_thousand_items() {
    let caller = Caller::of(&sandbox());
    for size in ["0", "1001", "many"] {
        let answer = caller.iam("ListRoles", &[("MaxItems", size)]).await;
        assert_eq!(answer.error(), (400, "ValidationError".to_owned()));
    }
    let answer = caller.iam("ListRoles", &[("Marker", "nonsense")]).await;
    assert_eq!(answer.error(), (400, "ValidationError".to_owned()));
}

#[tokio::test]
async fn a_listing_leaves_out_what_aws_leaves_out() {
    let caller = Caller::of(&sandbox());
    let trust = trust(ACCOUNT);
    let parameters = [
        ("RoleName", "Shop"),
        ("AssumeRolePolicyDocument", trust.as_str()),
        ("Description", "d"),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
    ];
    caller.iam("CreateRole", &parameters).await.ok();
    let listed = caller.iam("ListRoles", &[]).await.ok();
    assert_eq!(listed.xml("Description"), Some("d"));
    for absent in ["Tags", "RoleLastUsed", "PermissionsBoundary"] {
        assert!(!listed.body.contains(absent), "{absent}");
    }
}
