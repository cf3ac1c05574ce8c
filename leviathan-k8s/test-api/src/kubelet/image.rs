//! `Image`: what stands for an image.

/// What stands for an image: what its containers run where they name no `command`, and what they find in their environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// A program of this machine, and its first arguments.
    pub command: Vec<String>,
    /// Variables, which those of the container go before. There are no others but `PATH`.
    pub env: Vec<(String, String)>,
}
