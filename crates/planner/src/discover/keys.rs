//! What apps, roles and streams are called in the manifest: after their names, each once, and the same
//! again tomorrow. An app that comes later changes the key of another only if both have one name.
use std::collections::{BTreeMap, BTreeSet};

/// How long a key that comes from a name may be, so that there is room for what tells two apart.
const LONGEST: usize = 40;

/// Something to be called by a key.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// What it is called in AWS.
    pub(super) name: String,
    /// What tells it from others of its name, the most readable first; the last tells it from all. Where it
    /// is empty the name alone will do.
    pub(super) tells_apart: Vec<String>,
}

/// A key for each, in their order. None of them is one of `taken`, and no two differ only in letter case.
pub(super) fn keys(all: &[Named], fallback: &str, mut taken: BTreeSet<String>) -> Vec<String> {
    let mut of_slug: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, named) in all.iter().enumerate() {
        of_slug.entry(slug(&named.name).unwrap_or_else(|| fallback.to_owned())).or_default().push(at);
    }
    let mut keys = vec![String::new(); all.len()];
    for (slug, group) in of_slug {
        for (at, key) in group.iter().zip(told_apart(&slug, &group, all)) {
            let key = free(key, &taken);
            taken.insert(key.clone());
            if let Some(place) = keys.get_mut(*at) {
                *place = key;
            }
        }
    }
    keys
}

/// The slug with the least that tells the group apart.
fn told_apart(slug: &str, group: &[usize], all: &[Named]) -> Vec<String> {
    if group.len() == 1 {
        return vec![slug.to_owned()];
    }
    let with = |level: usize| -> Vec<String> {
        let suffix = |at: &usize| all.get(*at).and_then(|named| named.tells_apart.get(level)).cloned();
        let suffixes = group.iter().map(|at| suffix(at).as_deref().and_then(self::slug));
        let key = |suffix: Option<String>| match suffix {
            Some(suffix) => format!("{slug}-{suffix}").chars().take(64).collect(),
            None => slug.to_owned(),
        };
        suffixes.map(key).collect()
    };
    let levels =
        group.iter().filter_map(|at| all.get(*at)).map(|named| named.tells_apart.len()).min().unwrap_or(0);
    let differ = |keys: &Vec<String>| keys.iter().collect::<BTreeSet<_>>().len() == keys.len();
    (0..levels).map(with).find(differ).unwrap_or_else(|| vec![slug.to_owned(); group.len()])
}

/// The key, or the first of `key-2`, `key-3`… that is free.
fn free(key: String, taken: &BTreeSet<String>) -> String {
    if !taken.contains(&key) {
        return key;
    }
    let room: String = key.chars().take(56).collect();
    (2..).map(|n: usize| format!("{room}-{n}")).find(|key| !taken.contains(key)).unwrap_or(key)
}

/// A name in small letters, digits and single hyphens; none if nothing is left of it.
pub(super) fn slug(name: &str) -> Option<String> {
    let mut slug = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) && !slug.is_empty() {
            slug.push('-');
        }
        before = c;
        match plain(c) {
            Some(plain) => slug.push_str(plain),
            None if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            None => {}
        }
    }
    let cut: String = slug.chars().take(LONGEST).collect();
    let cut = cut.trim_end_matches('-');
    (!cut.is_empty()).then(|| cut.to_owned())
}

/// Letters of western Europe as they are written without their marks.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'À'..='Å' => "a",
        'æ' | 'Æ' => "ae",
        'ç' | 'Ç' => "c",
        'è'..='ë' | 'È'..='Ë' => "e",
        'ì'..='ï' | 'Ì'..='Ï' => "i",
        'ñ' | 'Ñ' => "n",
        'ò'..='ö' | 'ø' | 'Ò'..='Ö' | 'Ø' => "o",
        'ù'..='ü' | 'Ù'..='Ü' => "u",
        'ß' => "ss",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, region: &str, id: &str) -> Named {
        Named { name: name.to_owned(), tells_apart: vec![region.to_owned(), id.to_owned()] }
    }

    #[test]
    fn a_key_is_the_name_in_small_letters() {
        let slugs =
            ["My Shop", " Größe & Maß! ", "a--b__c", "ÉCOLE", "TeamStreams2Go"].map(|name| slug(name).unwrap());
        assert_eq!(slugs, ["my-shop", "grosse-mass", "a-b-c", "ecole", "team-streams2-go"]);
        assert_eq!(slug("日本語"), None);
        assert_eq!(slug(&"x".repeat(99)).unwrap().len(), LONGEST);
    }

    #[test]
    fn apps_of_one_name_are_told_apart_by_the_least_that_does_it() {
        let all = [
            named("Shop", "eu-west-1", "a1"),
            named("shop", "us-east-1", "a2"),
            named("Blog", "us-east-1", "b1"),
            named("blog", "us-east-1", "B2"),
            named("日本", "us-east-1", "c1"),
        ];
        let found = keys(&all, "app", BTreeSet::new());
        assert_eq!(found, ["shop-eu-west-1", "shop-us-east-1", "blog-b1", "blog-b2", "app"]);
    }

    #[test]
    fn what_is_taken_is_counted_on() {
        let all = [named("x", "r", "i"), named("x-2", "r", "j")];
        assert_eq!(keys(&all, "app", BTreeSet::from(["x".to_owned()])), ["x-2", "x-2-2"]);
    }
}
