//! `Change`: one path that differs between the base and what is going to be committed.

/// One path that differs, as the two trees show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path from the repository's root, as git has it: bytes, with `/`.
    pub path: Vec<u8>,
    /// With a rename or a copy: the path that it comes from. It is judged like `path`.
    pub old_path: Option<Vec<u8>>,
    /// What happened to it.
    pub kind: ChangeKind,
    /// What stands at `path` afterwards; for a deletion, what stood there.
    pub entry: TreeEntry,
    /// How many bytes it has afterwards; 0 for a deletion.
    pub size: u64,
}

/// What happened to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Its content differs.
    Modified,
    /// It is gone.
    Deleted,
    /// It comes from another path.
    Renamed,
    /// It became another kind of entry, such as a symlink that was a file.
    TypeChanged,
    /// Only its executable bit differs.
    ModeChanged,
}

/// What stands at a path of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeEntry {
    /// An ordinary file.
    File,
    /// A file that may be executed.
    Executable,
    /// A symbolic link.
    Symlink {
        /// Where it points, as it is stored.
        target: Vec<u8>,
    },
    /// A commit of another repository.
    Submodule,
    /// A folder that git would not look into, such as one with a repository of its own.
    Folder,
}
