//! Every limit, and that all who judge a task agree about it.

mod budgets;
mod circuit;
mod index;
mod places;
