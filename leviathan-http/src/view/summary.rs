//! `GraphSummary`: how much there is in the graph, and what happened last.

use super::RecentEventView;
use leviathan_core::graph::Graph;
use leviathan_core::log::{Hash, Position};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The answer to `GET /v1/graph/summary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GraphSummary {
    /// How many things there are, by type.
    pub nodes_by_type: BTreeMap<String, u64>,
    /// How many relations there are, by type.
    pub edges_by_type: BTreeMap<String, u64>,
    /// How many things there are.
    pub total_nodes: u64,
    /// How many relations there are.
    pub total_edges: u64,
    /// `nodes_by_type` again, under the name that older clients read.
    pub node_types: BTreeMap<String, u64>,
    /// `edges_by_type` again, under the name that older clients read.
    pub edge_types: BTreeMap<String, u64>,
    /// The newest events, newest first.
    pub recent_events: Vec<RecentEventView>,
    /// The last position of the log.
    #[schema(value_type = u64)]
    pub position: Position,
    /// The hash there.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    pub head: Hash,
}

impl From<&Graph> for GraphSummary {
    fn from(graph: &Graph) -> Self {
        let totals = graph.totals();
        let nodes_by_type = named(&totals.nodes_by_type);
        let edges_by_type = named(&totals.edges_by_type);
        Self {
            node_types: nodes_by_type.clone(),
            edge_types: edges_by_type.clone(),
            nodes_by_type,
            edges_by_type,
            total_nodes: totals.nodes(),
            total_edges: totals.edges(),
            recent_events: graph.recent_events().map(RecentEventView::from).collect(),
            position: graph.head().position,
            head: graph.head().hash,
        }
    }
}

fn named(counts: &BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}
