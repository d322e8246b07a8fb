//! Whatever is in a blueprint's folder: looking at it ends in findings, loading it in a blueprint or a problem (P8).

use std::{fs, thread};

use fabrik_tests::{
    Proof, in_full,
    memory::{Measured, is_alone},
    spoiled::{self, Dice},
};

use crate::{
    built_in::{built_in, files},
    check, load_folder,
    loader::{inspect, load},
};

/// Spoiled folders of each built-in blueprint.
const SPOILED: u64 = 200;

/// The stack of a process's first thread, which a test that is alone has to itself otherwise.
const STACK: usize = 8 * 1024 * 1024;

/// What fuzzing has found, tried again: the first line says in which file of the client stack.
#[test]
fn what_was_found_in_a_blueprint_is_an_answer_still() {
    if !is_alone("spoiled::what_was_found_in_a_blueprint_is_an_answer_still").unwrap() {
        return;
    }
    let proof = Proof::of("P8", "files of a blueprint that fuzzing found");
    let good = files("client-stack").unwrap();
    let kept = spoiled::kept("blueprints").unwrap();
    assert!(!kept.is_empty(), "some are kept");
    let measured = Measured::from_now();
    for one in kept {
        let (name, path) = (one.file, one.line);
        assert!(good.contains_key(&path), "{name}: there is no {path:?}");
        let mut all = good.clone();
        all.insert(path, String::from_utf8_lossy(&one.rest).into_owned());
        drop(inspect(all.clone()));
        drop(load("client-stack", all));
        measured.assert_room(&name);
        proof.held(1);
    }
}

#[test]
fn no_file_of_a_blueprint_panics_or_fills_the_memory() {
    if !is_alone("spoiled::no_file_of_a_blueprint_panics_or_fills_the_memory").unwrap() {
        return;
    }
    let measured = Measured::from_now();
    let proof = Proof::of("P8", "spoiled files of each built-in blueprint").from_seeds(SPOILED);
    // On all cores: nearly all of it is computing.
    thread::scope(|scope| {
        for name in built_in() {
            let (measured, proof) = (&measured, &proof);
            let at_work = thread::Builder::new().stack_size(STACK);
            let begun = at_work.spawn_scoped(scope, move || spoil(name, measured, proof));
            begun.unwrap();
        }
    });
}

/// Spoils one file at a time of a blueprint.
fn spoil(name: &str, measured: &Measured, proof: &Proof) {
    let good = files(name).unwrap();
    let paths: Vec<_> = good.keys().cloned().collect();
    for seed in 0..SPOILED {
        let mut dice = Dice::of(seed);
        let path = dice.one_of(&paths);
        let spoiled = spoiled::text(good[&path].as_bytes(), &mut dice);
        if let Ok(text) = String::from_utf8(spoiled.clone()) {
            let mut all = good.clone();
            all.insert(path.clone(), text);
            // Either is an answer. Both examine all the same way, which is what takes the time: in full they do so both.
            let loads = seed.is_multiple_of(2);
            if in_full() || !loads {
                drop(inspect(all.clone()));
            }
            if in_full() || loads {
                drop(load(name, all));
            }
        } else {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path().join(name);
            let file = folder.join(&path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, spoiled).unwrap();
            assert!(
                !check(&folder).is_empty(),
                "{name}, seed {seed}: no text is a finding"
            );
            assert!(
                load_folder(&folder).is_err(),
                "{name}, seed {seed}: and no blueprint"
            );
        }
        measured.assert_room(format_args!("{name}, seed {seed}: {path}"));
        proof.held(1);
    }
}
