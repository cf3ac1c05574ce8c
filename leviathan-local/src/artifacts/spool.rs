//! `Spool`: bytes set aside until their hash is known.

use bytes::{Bytes, BytesMut};
use leviathan_core::log::Hash;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much is held in memory, and read and written at once (8 MiB). S3 takes no parts under 5 MiB.
const BLOCK: usize = 8 * 1024 * 1024;

/// Takes bytes in and hashes them: in memory while they are few, then in a file without a name, which is gone with its
/// process, however that ends.
#[derive(Debug)]
pub(super) struct Spool {
    directory: PathBuf,
    block: BytesMut,
    file: Option<Arc<File>>,
    length: u64,
    hasher: Sha256,
}

/// All the bytes.
#[derive(Debug)]
pub(super) enum Spooled {
    /// They are few.
    Memory(Bytes),
    /// They are many; this is how many.
    File(Arc<File>, u64),
}

impl Spool {
    /// Nothing yet. Files are made in `directory`.
    pub(super) fn new(directory: &Path) -> Self {
        let directory = directory.to_owned();
        Self { directory, block: BytesMut::new(), file: None, length: 0, hasher: Sha256::new() }
    }

    /// How many bytes there are.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Takes more bytes in.
    pub(super) async fn add(&mut self, mut piece: Bytes) -> io::Result<()> {
        self.hasher.update(&piece);
        self.length += piece.len() as u64;
        while !piece.is_empty() {
            if self.block.len() == BLOCK {
                self.write_block().await?;
            }
            let room = BLOCK - self.block.len();
            self.block.extend_from_slice(&piece.split_to(piece.len().min(room)));
        }
        Ok(())
    }

    /// The bytes and their hash.
    pub(super) async fn finish(mut self) -> io::Result<(Hash, Spooled)> {
        if self.file.is_some() {
            self.write_block().await?;
        }
        let spooled = match self.file {
            None => Spooled::Memory(self.block.freeze()),
            Some(file) => Spooled::File(file, self.length),
        };
        Ok((Hash::from_bytes(self.hasher.finalize().into()), spooled))
    }

    async fn write_block(&mut self) -> io::Result<()> {
        let (directory, file, block) = (self.directory.clone(), self.file.take(), self.block.split());
        let write = move || {
            let file = match file {
                Some(file) => file,
                None => Arc::new(tempfile::tempfile_in(directory)?),
            };
            (&*file).write_all(&block)?;
            io::Result::Ok(file)
        };
        self.file = Some(tokio::task::spawn_blocking(write).await??);
        Ok(())
    }
}

/// The block of a spooled file that begins at `offset`; empty at its end.
pub(super) async fn read_block(file: &Arc<File>, length: u64, offset: u64) -> io::Result<Bytes> {
    let most = usize::try_from(length.saturating_sub(offset)).unwrap_or(BLOCK).min(BLOCK);
    let file = Arc::clone(file);
    let read = move || {
        let mut block = vec![0; most];
        file.read_exact_at(&mut block, offset)?;
        io::Result::Ok(Bytes::from(block))
    };
    tokio::task::spawn_blocking(read).await?
}
