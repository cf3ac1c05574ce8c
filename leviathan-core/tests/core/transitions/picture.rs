//! A state diagram, as ARCHITECTURE.md draws it.

/// The page with the pictures.
const PAGE: &str = include_str!("../../../../ARCHITECTURE.md");

/// The arrows of one state diagram: from, to, and the event on it.
pub(super) struct Picture(Vec<(&'static str, &'static str, String)>);

impl Picture {
    /// The diagram that begins in this state.
    pub(super) fn beginning_in(state: &str) -> Self {
        let arrows = |picture: &'static str| {
            let lines = picture.lines().filter_map(|line| line.trim().split_once(" --> "));
            lines
                .map(|(from, rest)| {
                    let (to, event) = rest.split_once(": ").unwrap();
                    (from, to, event.replace([' ', '.'], "_"))
                })
                .collect::<Vec<_>>()
        };
        let pictures = PAGE.split("```mermaid\nstateDiagram-v2\n").skip(1);
        let mut pictures = pictures.map(|picture| arrows(picture.split("```").next().unwrap()));
        let begins = |arrows: &Vec<(&str, &str, String)>| {
            arrows.iter().any(|(from, to, _)| *from == "[*]" && *to == state)
        };
        Self(pictures.find(begins).unwrap_or_else(|| panic!("no picture begins in {state}")))
    }

    /// Where the event leads from the state: along its arrow, or nowhere else.
    pub(super) fn after(&self, state: &'static str, event: &str) -> &'static str {
        let mut arrows = self.0.iter().filter(|(from, _, on)| *from == state && on == event);
        let to = arrows.next().map_or(state, |(_, to, _)| to);
        assert!(arrows.next().is_none(), "two arrows for {event} leave {state}");
        to
    }

    /// Every arrow is between these states and for one of these events, so that none is unproven.
    pub(super) fn knows_only(&self, states: &[&str], events: &[&str]) {
        for (from, to, event) in self.0.iter().filter(|(from, ..)| *from != "[*]") {
            assert!(states.contains(from) && states.contains(to), "{from} --> {to} names an unknown state");
            assert!(events.contains(&event.as_str()), "{event} is an unknown event");
        }
        for state in states {
            assert!(self.0.iter().any(|(_, to, _)| to == state), "no arrow leads to {state}");
        }
    }
}
