//! Circles and floors of a graph of files.

use crate::arrows::Arrow;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>;

fn graph(arrows: &BTreeSet<Arrow>) -> Graph<'_> {
    let mut graph = Graph::new();
    for arrow in arrows {
        graph.entry(&arrow.from).or_default().entry(&arrow.to).or_insert(&arrow.name);
    }
    graph
}

/// Returns a shortest circle for each knot of files that use each other, an arrow a line, with a name that is used.
pub fn chains(arrows: &BTreeSet<Arrow>) -> Vec<String> {
    let graph = graph(arrows);
    let mut chains = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for start in graph.keys() {
        if seen.contains(start) {
            continue;
        }
        let Some(circle) = shortest_circle(&graph, start) else { continue };
        let reached = reached_from(&graph, start);
        seen.extend(reached.iter().filter(|file| reached_from(&graph, file).contains(start)));
        let next = |at: usize| circle[(at + 1) % circle.len()];
        let told = circle
            .iter()
            .enumerate()
            .map(|(at, file)| format!("{file} -> {} ({})", next(at), graph[file][next(at)]));
        chains.push(told.collect::<Vec<_>>().join("\n"));
    }
    chains
}

fn reached_from<'a>(graph: &Graph<'a>, start: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&str> = vec![start];
    while let Some(file) = waiting.pop() {
        for next in graph.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(*next) {
                waiting.push(next);
            }
        }
    }
    reached
}

fn shortest_circle<'a>(graph: &Graph<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut before: HashMap<&str, &str> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(file) = waiting.pop_front() {
        for next in graph.get(file).into_iter().flat_map(BTreeMap::keys) {
            if *next == start {
                let mut circle = vec![file];
                while let Some(previous) = before.get(circle[circle.len() - 1]) {
                    circle.push(previous);
                }
                circle.reverse();
                return Some(circle);
            }
            if *next != start && !before.contains_key(next) {
                before.insert(next, file);
                waiting.push_back(next);
            }
        }
    }
    None
}

/// Returns the floor of each file: 1 for those that use no other, else one above the highest that it uses. Files of one
/// circle have no order; each counts as if the way round were cut where it is met again.
pub fn floors<'a>(
    arrows: &'a BTreeSet<Arrow>,
    files: impl Iterator<Item = &'a String>,
) -> BTreeMap<&'a str, usize> {
    fn floor<'a>(
        graph: &Graph<'a>,
        file: &'a str,
        known: &mut BTreeMap<&'a str, usize>,
        path: &mut Vec<&'a str>,
    ) -> usize {
        if let Some(floor) = known.get(file) {
            return *floor;
        }
        path.push(file);
        let below: Vec<&str> = graph.get(file).into_iter().flat_map(BTreeMap::keys).copied().collect();
        let highest = below.into_iter().filter(|next| !path.contains(next)).collect::<Vec<_>>();
        let highest =
            highest.into_iter().map(|next| floor(graph, next, known, path)).max().unwrap_or_default();
        path.pop();
        known.insert(file, highest + 1);
        highest + 1
    }
    let graph = graph(arrows);
    let mut known = BTreeMap::new();
    for file in files {
        floor(&graph, file, &mut known, &mut Vec::new());
    }
    known
}
