//! Every legal and every illegal transition of attempts and tasks. What is expected stands in the pictures of
//! ARCHITECTURE.md: an arrow is a legal transition, and where there is none the state stays.

mod attempt;
mod picture;
mod task;

/// One test for each pair of a state and an event of a machine.
macro_rules! machine {
    ($check:path, $picture:ident, [$($state:ident)*], $events:tt) => {
        $(mod $state { $crate::transitions::machine!(@ $check, $picture, $state, $events); })*

        #[test]
        fn the_picture_has_no_other_states_and_events() {
            $crate::transitions::machine!(# $picture, [$($state)*], $events);
        }
    };
    (@ $check:path, $picture:ident, $state:ident, [$($event:ident)*]) => {
        $(#[test]
        fn $event() {
            let (state, event) = (stringify!($state), stringify!($event));
            $check(state, event, super::$picture().after(state, event));
        })*
    };
    (# $picture:ident, [$($state:ident)*], [$($event:ident)*]) => {
        $picture().knows_only(&[$(stringify!($state)),*], &[$(stringify!($event)),*])
    };
}
pub(crate) use machine;
