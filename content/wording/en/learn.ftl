# Learning: the list, the capsule player, the reviews.

learn-title = Learn
learn-search = Find a capsule
learn-clear-search = Clear the search
learn-section-required = Required
learn-section-open = In progress
learn-section-fresh = To discover
learn-section-done = Done
learn-empty-title = Nothing to learn for now
learn-empty = Your site’s capsules will arrive here. Once here, they work without a network.
learn-list-failed = The list did not come
learn-none-found-title = No capsule matches
learn-none-found = Try a shorter word, or another one.
learn-back-to-list = Back to capsules

learn-minutes = { $count } min
learn-meta-open = Started · { $count } min
learn-meta-done = { $score }% · { $when }
learn-not-ready = Not on this device yet. It will come with the network.
learn-required = required
learn-required-before = required before { $day }
learn-required-late = expected since { $day }
learn-next-new = To do now · { $count } min
learn-next-open = Pick up where you left off · { $count } min
learn-start = Start
learn-resume = Continue

learn-due =
    { $count ->
        [one] { $count } reminder · { $minutes } min
       *[other] { $count } reminders · { $minutes } min
    }
learn-due-note = So that what you learnt stays with you
learn-due-here = reminder today

learn-contents =
    { $cards ->
        [one] { $cards } card
       *[other] { $cards } cards
    }, { $questions ->
        [one] { $questions } question
       *[other] { $questions } questions
    }
learn-other-language-title = Not in your language yet
learn-other-language = This capsule is shown in the language it exists in.
learn-newer-title = A corrected version is waiting
learn-newer = You finish the one you started. Next time it will be the new one.
learn-away-title = This capsule is not on this device yet
learn-away = It comes by itself as soon as there is a network. Then you can follow it anywhere.
learn-open-failed = The capsule does not open

learn-back = Previous card
learn-next = Next
learn-to-quiz = Go to the questions
learn-check = Check
learn-see-score = See my score
learn-done = Finish
learn-rank = { $rank } of { $count }

learn-choose-one = One answer only
learn-choose-several = Several answers possible
learn-mark-right = Right answer
learn-mark-wrong = Your answer
learn-mark-missed = This one too
learn-mark-answer = The right answer
learn-order-hint = Tap the steps in order. The arrows put things right.
learn-order-yours = Your order
learn-order-up = Move up: { $step }
learn-order-down = Move down: { $step }
learn-order-remove = { $rank }, { $step }. Tap to take back
learn-order-rank = Its place: { $rank }
learn-match-hint = Tap one on the left, then its pair on the right.
learn-match-with = goes with { $text }
learn-match-given = { $text }
learn-type-word = Write the missing word
learn-type-number = Write the number
learn-expected = Expected answer:
learn-verdict-right = That’s right
learn-verdict-wrong = Not quite

learn-score = { $right } right answers out of { $total }
learn-score-all-title = Full marks
learn-score-all = You have it all. We will bring it back at the right time, so that it stays.
learn-score-passed-title = You’ve got it
learn-score-passed =
    { $count ->
        [one] One question to look at again and it’s perfect.
       *[other] { $count } questions to look at again and it’s perfect.
    }
learn-score-not-yet-title = Almost
learn-score-not-yet =
    { $count ->
        [one] One question got away. It will be back soon.
       *[other] { $count } questions got away. They will be back soon.
    }
learn-next-review = Next reminder on { $day }
learn-missed = To look at again
learn-practise =
    { $count ->
        [one] Practise this question
       *[other] Practise these { $count } questions
    }
learn-practice-title = Practice
learn-apply = Apply it now
learn-apply-note = Exercise: nothing is sent
learn-kept-here = Kept here. Your score leaves with the network.
learn-sources = Sources

learn-review-title = Today’s reminders
learn-review-failed = The reminders did not come
learn-review-none-title = No reminder today
learn-review-none = Finish a capsule: its questions come back here at the right time.
learn-flash-all-title = All remembered
learn-flash-all = Fine memory. See you soon.
learn-flash-some-title = Done
learn-flash-some = What was missed comes back sooner.
learn-why = Why
learn-score-begin-title = It will come
learn-score-begin = Read the cards again whenever you like. These questions will be back soon.
learn-theme-reporting = Reporting
learn-theme-first-aid = First aid
learn-theme-chemical = Chemicals
learn-theme-energy = Energies
learn-theme-height = Height
learn-theme-handling = Handling
learn-theme-fire = Fire
learn-theme-environment = Environment
learn-theme-audit = Audit
learn-theme-method = Method
learn-theme-brief = Safety talk
learn-theme-road = Road
learn-theme-machine = Machines
learn-theme-traffic = Site traffic
learn-theme-confined = Confined spaces
learn-theme-contractors = Contractors
learn-theme-health = Health
learn-theme-quality = Quality
learn-theme-relay = The relay’s role
learn-meta = { $theme } · { $count } min
learn-to-studio = Capsule studio
