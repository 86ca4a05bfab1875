//! Roots, inclusion and consistency.

use hub_signatures::digest::sha256;
use hub_signatures::log::consistency::{self, ConsistencyError, Head};
use hub_signatures::log::inclusion::{self, InclusionError};
use hub_signatures::log::tree::{Frontier, Hash, TreeError, Wanted, evidence_leaf, leaf, parent, root};

use crate::{Memory, leaves, oracle};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn hex(text: &str) -> Hash {
    let bytes = (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap());
    bytes.collect::<Vec<_>>().try_into().unwrap()
}

fn head(leaves: &[Hash]) -> Head {
    Head { size: leaves.len() as u64, root: oracle::mth(leaves) }
}

/// The eight leaves with which implementations of Certificate Transparency are compared.
fn known_leaves() -> Vec<Hash> {
    let data: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    data.into_iter().map(leaf).collect()
}

#[test]
fn the_trees_of_certificate_transparency_have_their_known_roots() {
    let known = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves = known_leaves();
    let memory = Memory::of(&leaves);
    let mut frontier = Frontier::default();
    for (size, known) in known.into_iter().enumerate() {
        assert_eq!(root(&memory, size as u64).unwrap(), hex(known), "{size}");
        assert_eq!(frontier.root(), hex(known), "{size}");
        let _ = leaves.get(size).map(|next| frontier.append(&[*next]));
    }
}

#[test]
fn the_proofs_of_certificate_transparency_are_the_known_ones() {
    let memory = Memory::of(&known_leaves());
    let (first, second) = (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    );
    let right_half = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
    let left_half = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
    let (fifth, seventh) = (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    );
    let sixth_pair = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
    let included: [(u64, u64, &[&str]); 4] = [
        (0, 8, &[first, second, right_half]),
        (5, 8, &[fifth, seventh, left_half]),
        (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (1, 5, &["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", second, fifth]),
    ];
    for (index, size, path) in included {
        let path: Vec<Hash> = path.iter().copied().map(hex).collect();
        assert_eq!(inclusion::prove(&memory, index, size).unwrap(), path, "{index} of {size}");
    }
    let consistent: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (1, 8, &[first, second, right_half]),
        (6, 8, &[sixth_pair, seventh, left_half]),
        (2, 5, &[second, fifth]),
    ];
    for (old, new, path) in consistent {
        let path: Vec<Hash> = path.iter().copied().map(hex).collect();
        assert_eq!(consistency::prove(&memory, old, new).unwrap(), path, "{old} to {new}");
    }
}

#[test]
fn every_inclusion_proof_verifies_and_a_spoilt_one_never_does() {
    let all = leaves(300);
    let memory = Memory::of(&all);
    let mut numbers = Numbers(1);
    let sizes: Vec<usize> =
        (1..=17).chain([31, 32, 33, 255, 256, 257, 300]).chain((0..12).map(|_| 1 + numbers.below(300))).collect();
    for size in sizes {
        let Head { size: n, root: tree } = head(&all[..size]);
        assert_eq!(root(&memory, n).unwrap(), tree);
        for index in 0..size {
            let path = inclusion::prove(&memory, index as u64, n).unwrap();
            assert_eq!(path, oracle::path(index, &all[..size]));
            let check = |index: usize, size: u64, leaf: &Hash, path: &[Hash], tree: &Hash| {
                inclusion::verify(index as u64, size, leaf, path, tree).is_ok()
            };
            assert!(check(index, n, &all[index], &path, &tree), "{index} of {size}");

            let mut flip = |hash: &mut Hash| hash[numbers.below(32)] ^= 1 << numbers.below(8);
            for at in 0..path.len() {
                let mut spoilt = path.clone();
                flip(&mut spoilt[at]);
                assert!(!check(index, n, &all[index], &spoilt, &tree));
            }
            let (mut other_leaf, mut other_root) = (all[index], tree);
            flip(&mut other_leaf);
            flip(&mut other_root);
            assert!(!check(index, n, &other_leaf, &path, &tree));
            assert!(!check(index, n, &all[index], &path, &other_root));
            assert!(!check(index, n, &all[index], &[&path[..], &[tree]].concat(), &tree));
            assert!(path.is_empty() || !check(index, n, &all[index], &path[1..], &tree));
            assert!(path.is_empty() || !check(index, n, &all[index], &path[..path.len() - 1], &tree));
            let other = numbers.below(size + 1);
            assert!(other == index || !check(other, n, &all[index], &path, &tree), "{other} for {index} of {size}");
            assert!(!check(index, index as u64, &all[index], &path, &tree));
        }
    }
}

#[test]
fn every_consistency_proof_verifies_and_a_spoilt_one_never_does() {
    let all = leaves(300);
    let memory = Memory::of(&all);
    let heads: Vec<Head> = (0..=300).map(|size| head(&all[..size])).collect();
    let mut numbers = Numbers(2);
    let sizes: Vec<usize> =
        (1..=17).chain([64, 127, 128, 129, 300]).chain((0..8).map(|_| 1 + numbers.below(300))).collect();
    for new in sizes {
        for old in 0..=new {
            let (before, after) = (heads[old], heads[new]);
            let path = consistency::prove(&memory, old as u64, new as u64).unwrap();
            let expected = if old == 0 { Vec::new() } else { oracle::subproof(old, &all[..new], true) };
            assert_eq!(path, expected, "{old} to {new}");
            consistency::verify(&before, &after, &path).unwrap();

            let mut flip = |hash: &mut Hash| hash[numbers.below(32)] ^= 1 << numbers.below(8);
            for at in 0..path.len() {
                let mut spoilt = path.clone();
                flip(&mut spoilt[at]);
                assert!(consistency::verify(&before, &after, &spoilt).is_err());
            }
            let (mut other_before, mut other_after) = (before, after);
            flip(&mut other_before.root);
            flip(&mut other_after.root);
            assert!(consistency::verify(&other_before, &after, &path).is_err());
            // Any tree continues the empty one, so nothing is shown about it.
            assert!(old == 0 || consistency::verify(&before, &other_after, &path).is_err());
            assert!(consistency::verify(&before, &after, &[&path[..], &[after.root]].concat()).is_err());
            assert!(path.is_empty() || consistency::verify(&before, &after, &path[1..]).is_err());
            assert!(path.is_empty() || consistency::verify(&before, &after, &path[..path.len() - 1]).is_err());
            if old > 0 && old < new {
                let wrong = Head { size: before.size + 1, root: before.root };
                assert!(consistency::verify(&wrong, &after, &path).is_err(), "{old} to {new}");
            }
            assert!(old == new || consistency::verify(&after, &before, &path).is_err());
        }
    }
}

#[test]
fn one_flipped_bit_anywhere_in_a_proof_is_noticed() {
    let all = leaves(21);
    let memory = Memory::of(&all);
    let (tree, path) = (oracle::mth(&all), inclusion::prove(&memory, 9, 21).unwrap());
    let (old, new, steps) = (head(&all[..13]), head(&all), consistency::prove(&memory, 13, 21).unwrap());
    for bit in 0..256 {
        let flipped = |path: &[Hash], at: usize| {
            let mut path = path.to_vec();
            path[at][bit / 8] ^= 1 << (bit % 8);
            path
        };
        for at in 0..path.len() {
            let refused = inclusion::verify(9, 21, &all[9], &flipped(&path, at), &tree);
            assert_eq!(refused, Err(InclusionError::OtherRoot { index: 9 }));
        }
        for at in 0..steps.len() {
            assert!(consistency::verify(&old, &new, &flipped(&steps, at)).is_err());
        }
    }
}

#[test]
fn a_frontier_continues_where_a_stored_tree_ends() {
    let all = leaves(300);
    for cut in [0, 1, 2, 3, 7, 8, 100, 255, 256, 299, 300] {
        let mut memory = Memory::default();
        let mut frontier = Frontier::default();
        memory.store(frontier.append(&all[..cut]));
        let mut loaded = Frontier::load(&memory, cut as u64).unwrap();
        assert_eq!(loaded, frontier);
        memory.store(loaded.append(&all[cut..]));
        assert_eq!((loaded.size(), loaded.root()), (300, oracle::mth(&all)));
        assert_eq!(memory.0, Memory::of(&all).0);
    }
}

#[test]
fn a_tree_of_a_hundred_million_records_is_read_in_a_few_nodes() {
    let size = 100_000_000;
    for index in [0, 1, size / 2, size - 2, size - 1] {
        let wanted = Wanted::default();
        let path = inclusion::prove(&wanted, index, size).unwrap();
        let nodes = wanted.into_nodes();
        assert!(path.len() <= 27 && nodes.len() <= 54, "{} hashes from {} nodes", path.len(), nodes.len());
        assert!(
            nodes.iter().all(|(level, index)| (index + 1) << level <= size),
            "only complete subtrees are asked for"
        );
    }
    let wanted = Wanted::default();
    consistency::prove(&wanted, size - 1000, size).unwrap();
    assert!(wanted.into_nodes().len() <= 54);
}

#[test]
fn what_does_not_exist_is_an_error_that_says_so() {
    let memory = Memory::of(&leaves(5));
    assert_eq!(inclusion::prove(&memory, 5, 5), Err(TreeError::NoRecord { index: 5, size: 5 }));
    assert_eq!(inclusion::prove(&memory, 0, 0), Err(TreeError::NoRecord { index: 0, size: 0 }));
    assert_eq!(consistency::prove(&memory, 6, 5), Err(TreeError::Shrunk { old: 6, new: 5 }));
    let missing = inclusion::prove(&memory, 0, 9).unwrap_err().to_string();
    assert_eq!(missing, "a node of the log cannot be read: node 8 of level 0 is not stored");
    for (index, size) in [(u64::MAX - 1, u64::MAX), (0, u64::MAX), (1 << 62, i64::MAX as u64)] {
        assert!(inclusion::verify(index, size, &[0; 32], &[[0; 32]; 64], &[0; 32]).is_err());
        inclusion::prove(&Wanted::default(), index, size).unwrap();
        consistency::prove(&Wanted::default(), index.max(1), size).unwrap();
    }
}

#[test]
fn the_leaf_of_an_evidence_hides_it_behind_its_salt() {
    let digest = sha256(b"<Evidence/>");
    assert_eq!(evidence_leaf(None, &digest), leaf(&digest));
    assert_eq!(evidence_leaf(Some(&[7; 32]), &digest), leaf(&[&[7; 32][..], &digest].concat()));
    assert_ne!(parent(&[7; 32], &digest), evidence_leaf(Some(&[7; 32]), &digest));
    let long = [3; 1000];
    assert_eq!(leaf(&long), sha256(&[&[0][..], &long].concat()));
}

#[test]
fn an_old_head_catches_whatever_is_done_to_the_past() {
    let honest = leaves(40);
    let old = head(&honest[..25]);
    let with = |change: &dyn Fn(&mut Vec<Hash>)| {
        let mut records = honest.clone();
        change(&mut records);
        records
    };
    let tampered = [
        ("a middle record dropped", with(&|records| records.retain(|record| *record != honest[11]))),
        ("two swapped", with(&|records| records.swap(3, 19))),
        ("neighbours swapped", with(&|records| records.swap(23, 24))),
        ("one byte changed", with(&|records| records[24] = leaf(b"record 24 "))),
        ("the first record dropped", with(&|records| records.retain(|record| *record != honest[0]))),
        ("one slipped in", with(&|records| records.insert(24, leaf(b"new")))),
    ];
    for (what, records) in tampered {
        for size in [25, 26, 32, records.len()] {
            let memory = Memory::of(&records);
            let proof = consistency::prove(&memory, 25, size as u64).unwrap();
            assert!(consistency::verify(&old, &head(&records[..size]), &proof).is_err(), "{what}, {size}");
        }
    }
    let cut = head(&honest[..24]);
    assert_eq!(consistency::verify(&old, &cut, &[]), Err(ConsistencyError::Shrunk { old: 25, new: 24 }));
    let proof = consistency::prove(&Memory::of(&honest), 25, 40).unwrap();
    consistency::verify(&old, &head(&honest), &proof).unwrap();
}
