use argon2::Block;

/// Blocks of 1 KiB that a hash of ours needs.
const BLOCKS: usize = super::MEMORY as usize;

/// Blocks that are asked for. The system's allocator on Linux (glibc) keeps freed memory for later,
/// here that of one hash for each thread that it has seen, but nothing of more than 32 MiB
/// (`M_MMAP_THRESHOLD` in mallopt(3)). What is beyond [`BLOCKS`] is never touched, and so takes no
/// memory but addresses. mimalloc gives back either within a second or so.
const ROOM: usize = 33 * 1024;

/// The memory in which one thread hashes one password after the other, so that only the first one
/// pays for fresh pages.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// This many blocks, with what the last hash left in them; `None` if that is more than a hash
    /// of ours needs, or than the system has.
    pub(super) fn lend(&mut self, blocks: usize) -> Option<&mut [Block]> {
        if blocks > BLOCKS {
            return None;
        }
        if self.0.is_empty() {
            self.0.try_reserve_exact(ROOM).ok()?;
            self.0.resize(BLOCKS, Block::new());
        }
        self.0.get_mut(..blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_is_the_same_memory_again() {
        let mut memory = Memory::default();
        memory.lend(BLOCKS).unwrap()[0].as_mut()[0] = 42;
        assert_eq!(42, memory.lend(BLOCKS).unwrap()[0].as_ref()[0]);
        assert_eq!(8, memory.lend(8).unwrap().len());
    }

    #[test]
    fn no_more_is_lent_than_a_hash_of_ours_needs() {
        let mut memory = Memory::default();
        assert!(memory.lend(BLOCKS + 1).is_none());
        assert_eq!(0, memory.0.capacity());
    }
}
