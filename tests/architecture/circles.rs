//! No circle between the modules of a crate, at any level: of the children of one module, none uses another that uses it
//! back. A parent may use its children and they their parent.
use super::{EDGES, root, rust_files};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A module by its names below the crate's root.
type Module = Vec<String>;

/// The modules of a crate that are files, each with its source; test modules left out.
fn modules(source: &Path) -> BTreeMap<Module, String> {
    let modules = rust_files(source).into_iter().map(|file| {
        let path = file.strip_prefix(source).unwrap().with_extension("");
        let names: Module = path.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
        let is_root = names == ["lib"] || names == ["main"];
        (if is_root { Vec::new() } else { names }, without_tests(&std::fs::read_to_string(file).unwrap()))
    });
    modules.filter(|(module, _)| module.last().is_none_or(|name| name != "tests")).collect()
}

/// The code before the unit tests at the foot of a file, without comments.
fn without_tests(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
    code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The paths of this crate that a module's code names.
fn paths(code: &str, here: &[String]) -> Vec<Module> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':') {
                continue;
            }
            let mut base = if start == "crate::" { Vec::new() } else { here[..here.len() - 1].to_vec() };
            let mut rest = &code[at + start.len()..];
            while let Some(further) = rest.strip_prefix("super::") {
                base.pop();
                rest = further;
            }
            follow(rest, &base, &mut found);
        }
    }
    found
}

/// Follows a path or a tree of paths: `a::b`, `{a, b::{c, d}}`.
fn follow(text: &str, base: &[String], found: &mut Vec<Module>) {
    let text = text.trim_start();
    if let Some(list) = text.strip_prefix('{') {
        let (mut depth, mut start) = (0, 0);
        for (at, character) in list.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                '}' | ',' if depth == 0 => {
                    follow(&list[start..at], base, found);
                    start = at + 1;
                    if character == '}' {
                        return;
                    }
                }
                _ => {}
            }
        }
        return;
    }
    let end = text.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() {
        return found.push(base.to_vec());
    }
    let path = [base, &[name.to_owned()]].concat();
    match rest.strip_prefix("::") {
        Some(rest) => follow(rest, &path, found),
        None => found.push(path),
    }
}

/// For each parent, which of its children use which others, themselves or through what is below them.
fn uses(modules: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> {
    let mut uses: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (module, code) in modules.iter().filter(|(module, _)| !module.is_empty()) {
        for mut used in paths(code, module) {
            while !used.is_empty() && !modules.contains_key(&used) {
                used.pop();
            }
            let shared = module.iter().zip(&used).take_while(|(one, other)| one == other).count();
            if shared < module.len() && shared < used.len() {
                let children = uses.entry(module[..shared].to_vec()).or_default();
                children.entry(module[shared].clone()).or_default().insert(used[shared].clone());
            }
        }
    }
    uses
}

/// The children that are reached again from themselves, with what they use of each other.
fn circle(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reached = |from: &str| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(next) = open.pop() {
            for used in uses.get(&next).into_iter().flatten() {
                if reached.insert(used.clone()) {
                    open.push(used.clone());
                }
            }
        }
        reached
    };
    let edges = uses.iter().flat_map(|(from, used)| used.iter().map(move |to| (from, to)));
    edges.filter(|(from, to)| reached(to).contains(*from)).map(|(from, to)| format!("{from} -> {to}")).collect()
}

#[test]
fn no_modules_of_a_crate_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    for (folder, _) in EDGES {
        for (parent, children) in uses(&modules(&root().join("crates").join(folder).join("src"))) {
            let parent = [vec![folder.to_owned()], parent].concat().join("::");
            found.extend(circle(&children).into_iter().map(|edge| format!("{parent}: {edge}")));
        }
    }
    assert!(found.is_empty(), "{} edges of circles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn circles_are_found_at_every_level_and_parents_are_none() {
    let module =
        |path: &str, code: &str| (path.split("::").map(str::to_owned).collect::<Module>(), code.to_owned());
    let modules = BTreeMap::from([
        module("a", "mod x; use x::X;"),
        module("a::x", "use super::y::{Y, Z}; use crate::b;"),
        module("a::y", "use crate::{a::{x::X}, c::C};"),
        module("b", "use crate::a;"),
        module("c", ""),
    ]);
    let found: Vec<_> = uses(&modules).iter().map(|(parent, uses)| (parent.join("::"), circle(uses))).collect();
    let edges = |edges: [&str; 2]| edges.map(str::to_owned).to_vec();
    assert_eq!(
        found,
        [(String::new(), edges(["a -> b", "b -> a"])), ("a".to_owned(), edges(["x -> y", "y -> x"]))]
    );
}
