//! The statements for a state in a bucket: what each kind of work does with the state, its lock and its archives.
use super::Work;
use super::policy::Statement;
use crate::s3::{Encryption, Location};

/// What the work needs of the bucket, which other credentials than those of the accounts may be used for.
pub(super) fn statements(work: Work, at: &Location) -> Vec<Statement> {
    let Location { bucket, key, region, profile: _, encryption } = at;
    let bucket = format!("arn:*:s3:::{bucket}");
    let object = |key: &str| format!("{bucket}/{}", literal(key));
    let (state, lock) = (object(key), object(&at.lock_key()));
    let archives = format!("{}*", object(&at.archive_prefix()));

    // `status` shows who holds the lock. A restore reads archives, an undo too; a write whose outcome is unknown is read
    // back.
    let read = Statement::allow("ReadState", "s3:GetObject").on(&state).on(&lock);
    // Without a condition on `s3:prefix`: without this permission S3 denies access to an object that does not exist, and
    // a read of an object has no prefix. Source: S3 API reference, GetObject, "Permissions".
    let list = Statement::allow("FindState", "s3:ListBucket").on(&bucket);
    let write = Statement::allow("WriteState", "s3:PutObject").on(&state).on(&lock);
    let release = Statement::allow("ReleaseLock", "s3:DeleteObject").on(&lock);
    let versions = Statement::allow("ReadVersioning", "s3:GetBucketVersioning").on(&bucket);
    let mut statements = match work {
        Work::Audit => vec![read, list],
        Work::Apply | Work::Teardown => {
            vec![read.on(&archives), list, write.on(&archives), release, versions]
        }
        Work::Restore => vec![read.on(&archives), list, write, release, versions],
    };
    if let Encryption::Kms(key) = encryption {
        let actions = match work {
            Work::Audit => "kms:Decrypt",
            Work::Apply | Work::Teardown | Work::Restore => "kms:Decrypt kms:GenerateDataKey",
        };
        statements.push(on_key(Statement::allow("UseStateKey", actions), key, region.as_deref()));
    }
    statements
}

/// Only this key, and only through S3. The key is in the bucket's region. An alias names no resource that a policy could
/// allow: it is a condition on the key. Source: KMS developer guide, "Use aliases to control access to KMS keys" and
/// `kms:ViaService`.
fn on_key(statement: Statement, key: &str, region: Option<&str>) -> Statement {
    let region = region.unwrap_or("*");
    let (before, resource) = match key.rsplit_once(':').filter(|_| key.starts_with("arn:")) {
        Some((before, resource)) => (before.to_owned(), resource.to_owned()),
        None if key.starts_with("alias/") => (format!("arn:*:kms:{region}:*"), key.to_owned()),
        None => (format!("arn:*:kms:{region}:*"), format!("key/{key}")),
    };
    let statement = statement.where_like("kms:ViaService".to_owned(), &[&format!("s3.{region}.amazonaws.com*")]);
    match resource.starts_with("alias/") {
        true => statement.on(format!("{before}:key/*")).when(
            "ForAnyValue:StringEquals",
            "kms:ResourceAliases".to_owned(),
            &[&resource],
        ),
        false => statement.on(format!("{before}:{resource}")),
    }
}

/// The text in a resource of a policy, where some characters have a meaning. Source: IAM user guide, "IAM policy elements:
/// Variables and tags", special characters.
fn literal(key: &str) -> String {
    let mut escaped = String::new();
    for character in key.chars() {
        match character {
            '*' | '?' | '$' => escaped.push_str(&format!("${{{character}}}")),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn at(key: &str, encryption: Encryption) -> Location {
        Location {
            bucket: "team".to_owned(),
            key: key.to_owned(),
            region: Some("eu-west-1".to_owned()),
            profile: None,
            encryption,
        }
    }

    #[test]
    fn characters_of_a_key_that_policies_give_a_meaning_stand_for_themselves() {
        let statements = statements(Work::Audit, &at("a*/${b}?.json", Encryption::BucketDefault));
        assert_eq!(
            statements[0].resource,
            ["arn:*:s3:::team/a${*}/${$}{b}${?}.json", "arn:*:s3:::team/a${*}/${$}{b}${?}.json.lock"]
        );
    }

    #[test]
    fn a_key_of_kms_is_allowed_however_it_is_named() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let arn = format!("arn:aws:kms:eu-west-1:123456789012:key/{id}");
        let alias = "arn:aws:kms:eu-west-1:123456789012:alias/state";
        for (key, resource, with_alias) in [
            (arn.as_str(), arn.as_str(), None),
            (id, "arn:*:kms:eu-west-1:*:key/1234abcd-12ab-34cd-56ef-1234567890ab", None),
            ("alias/state", "arn:*:kms:eu-west-1:*:key/*", Some("alias/state")),
            (alias, "arn:aws:kms:eu-west-1:123456789012:key/*", Some("alias/state")),
        ] {
            let statements = statements(Work::Restore, &at("state.json", Encryption::Kms(key.to_owned())));
            let statement = statements.last().unwrap();
            assert_eq!(
                (statement.sid, statement.resource.as_slice()),
                ("UseStateKey", &[resource.to_owned()][..])
            );
            let values = |operator: &str, key: &str| statement.condition.get(operator)?.get(key).cloned();
            assert_eq!(
                values("StringLike", "kms:ViaService"),
                Some(vec!["s3.eu-west-1.amazonaws.com*".to_owned()])
            );
            let aliases = values("ForAnyValue:StringEquals", "kms:ResourceAliases");
            assert_eq!(aliases, with_alias.map(|alias| vec![alias.to_owned()]), "{key}");
        }
    }

    #[test]
    fn without_a_region_any_key_of_that_id_is_allowed_and_without_a_key_none() {
        let anywhere = Location { region: None, ..at("state.json", Encryption::Kms("alias/state".to_owned())) };
        let statements = statements(Work::Audit, &anywhere);
        assert_eq!(statements.last().unwrap().resource, ["arn:*:kms:*:*:key/*"]);
        for encryption in [Encryption::BucketDefault, Encryption::S3] {
            let statements = super::statements(Work::Audit, &at("state.json", encryption));
            assert!(statements.iter().all(|statement| statement.condition == BTreeMap::new()), "{statements:?}");
        }
    }
}
