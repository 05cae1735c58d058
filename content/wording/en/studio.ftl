# The studio: write a capsule, check it, publish it, see whom it reached.

studio-title = Capsule studio
studio-new = New capsule
studio-empty-title = No capsule yet
studio-empty = Start from a filled-in template: you only have to replace the words.
studio-untitled = Untitled
studio-all-sites = All sites
studio-some-sites =
    { $count ->
        [one] { $count } site
       *[other] { $count } sites
    }
studio-chosen-sites = Choose
studio-edited = Edited { $when }
studio-published = Published { $when } · { $where }
studio-problems =
    { $count ->
        [one] { $count } problem
       *[other] { $count } problems
    }
studio-draft = Draft
studio-version = Version { $version }
studio-reach = Reach

studio-tabs = What you look at
studio-tab-write = Write
studio-tab-preview = Preview
studio-tab-problems = Problems
studio-languages = Languages
studio-copy-structure = Copy the structure to { $language }
studio-read-only = You can read this capsule, not change it.
studio-editor = Text of the capsule
studio-keeping-kept = Saved
studio-keeping-writing = Writing…
studio-keeping-saving = Saving…
studio-keeping-failed = Not saved yet. Another try in a moment, keep this page open.

studio-part-header = Header
studio-part-untitled = Untitled
studio-part-up = Move up
studio-part-down = Move down
studio-add = Add
studio-add-title = Add
studio-kind-none = Question to finish
studio-kind-card = Card
studio-kind-card-note = One idea, thirty words
studio-kind-one = One choice
studio-kind-one-note = One right answer only
studio-kind-several = Several choices
studio-kind-several-note = Tick all that is right
studio-kind-true_false = True or false
studio-kind-true_false-note = A sentence to settle
studio-kind-order = Order
studio-kind-order-note = Steps to put in order
studio-kind-blank = Word
studio-kind-blank-note = A word to write
studio-kind-number = Number
studio-kind-number-note = With its margin and unit
studio-kind-match = Pairs
studio-kind-match-note = Match two by two

studio-preview-none = Write a first card: it will appear here.
studio-preview-back = Previous screen
studio-preview-next = Next screen
studio-preview-edit = Write this screen
studio-time = { $time } of { $limit } at most

studio-no-problem = Nothing to put right. You can publish.
studio-check-failed = The check could not be made. It will resume when you next type.
studio-line = Line { $line }
studio-severity-error = To put right:
studio-severity-warning = To look at:

studio-history = Versions and history
studio-releases = Versions
studio-releases-none = Not published yet.
studio-changes = Changes
studio-changes-none = No change noted.
studio-change-create = Created
studio-change-edit = Text changed
studio-change-publish = Published
studio-change-withdraw = Withdrawn
studio-current = Current
studio-withdrawn = Withdrawn
studio-due = required before { $day }
studio-withdraw = Withdraw the current version
studio-withdraw-title = Withdraw this version?
studio-withdraw-text = It will no longer be offered. Whoever began it can finish it, and scores stay.
studio-withdrawn-toast = Version withdrawn
studio-cancel = Keep it

studio-publish = Publish
studio-publish-version = Publish version { $version }
studio-publish-correction = Whoever began the previous version finishes it as it is. Everyone else receives this one.
studio-to-whom = For whom?
studio-site-people =
    { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
studio-required = Required
studio-required-hint = It comes first, with its date.
studio-due-on = Before
studio-due-hint = Leave empty when there is no date.
studio-note-first = A word for the history
studio-note-first-hint = Why this capsule, for whoever reads it again.
studio-note = What changes
studio-note-hint = One sentence, kept with the version.
studio-count-people =
    { $count ->
        [one] person
       *[other] people
    }
studio-count-sites =
    { $count ->
        [one] site
       *[other] sites
    }
studio-count-each = each, about { $time } in all
studio-publish-failed = It was not published
studio-published-toast =
    Version { $version } published: { $people ->
        [one] { $people } person
       *[other] { $people } people
    }, { $sites ->
        [one] { $sites } site
       *[other] { $sites } sites
    }
studio-refused-errors =
    { $count ->
        [one] Put the reported problem right first.
       *[other] Put the { $count } reported problems right first.
    }
studio-refused-unchecked = The check is not finished. One moment.
studio-refused-no-site = Choose at least one site.
studio-refused-no-note = Say in one sentence what changes.
studio-refused-past-day = This date is past. Choose a day to come.

studio-reach-empty-title = Nobody yet
studio-reach-empty = Publish the capsule: you will see here who received, opened and passed it.
studio-reach-no-site = No site
studio-reach-done = { $done } of { $count } passed it
studio-reach-person = Person
studio-reach-state = How far
studio-reach-version = Version
studio-reach-score = Score
studio-reach-when = When
studio-reach-percent = { $score }%
studio-state-waiting = Not received yet
studio-state-received = Received
studio-state-opened = Opened
studio-state-finished = Finished
studio-state-passed = Passed

# What the check says. The values of a problem are $a, $b, $c, $d, $e.
studio-problem-unknown = Something needs a look here ({ $code }).
studio-problem-to-translate = To translate: “{ $a }”
studio-problem-alt-missing = Say what the picture { $a } shows, between the brackets.
studio-problem-apply-label-missing = Write the words of the link to the form in apply_label.
studio-problem-apply-missing = There are words for a link but no form: fill apply.
studio-problem-apply-unknown = No form is called “{ $a }”.
studio-problem-blank-empty = Write at least one accepted word between the brackets.
studio-problem-card-after-quiz = The card “{ $a }” comes after a question. Cards first, questions after.
studio-problem-card-empty = The card “{ $a }” has no text.
studio-problem-card-title-missing = Give this card a title.
studio-problem-cards-few = There are { $a } card(s). At least 4 are needed.
studio-problem-cards-many = There are { $a } cards. Keep 8 at most.
studio-problem-date-invalid = The date { $a } is written YYYY-MM-DD; “{ $b }” is not one.
studio-problem-dates-order = The capsule expires ({ $b }) before it was reviewed ({ $a }).
studio-problem-expired = This capsule expired on { $a }. Read it again, then change the date.
studio-problem-expires-soon = It expires on { $a }, in { $b } days. Think of reviewing it.
studio-problem-explanation-many = A question has one explanation only.
studio-problem-explanation-missing = Explain the answer between two *** lines: here it is needed.
studio-problem-explanation-unclosed = Close the explanation with a *** line.
studio-problem-feedback-missing = Say why “{ $b }” is not the right answer, on a line that starts with >.
studio-problem-feedback-stray = This feedback follows no choice: “{ $a }”
studio-problem-header-broken = The header cannot be read: { $a }
studio-problem-header-missing = The header is missing, between two +++ lines.
studio-problem-header-missing-field = { $a } is missing in the header.
studio-problem-header-unclosed = Close the header with a +++ line.
studio-problem-header-unknown = The header does not know { $a }.
studio-problem-header-wrong-type = { $a } is not of the right type ({ $b }). Write a text between straight quotes.
studio-problem-heading-level = A heading of level { $a } does not belong here. Use ## for a card.
studio-problem-heading-space = Leave a space after ##: “{ $a }”
studio-problem-html-raw = No HTML tags in the text: { $a }
studio-problem-icon-invalid = “{ $a }” is not the name of an icon.
studio-problem-image-misplaced = The picture { $a } does not belong here. Put it in the text of a card.
studio-problem-image-remote = The picture { $a } is on the internet. Add it to the capsule: it must work without a network.
studio-problem-link-in-text = No link in the text: { $a }. Put it in the sources.
studio-problem-markup-unsupported = This kind of formatting is not shown here ({ $a }).
studio-problem-match-left-twice = “{ $b }” is on the left twice.
studio-problem-match-right-twice = “{ $b }” is on the right twice: nobody could tell which one to match.
studio-problem-media-missing = The picture { $a } is not in the capsule.
studio-problem-media-name = “{ $a }” is not a picture name: lower-case letters, digits, hyphens, then .svg.
studio-problem-media-unused = The picture { $a } is used nowhere.
studio-problem-number-invalid = “{ $a }” cannot be read. Write for instance [[= 1.5 ± 0.5 m]].
studio-problem-objective-many = One objective, in one sentence. Here there are { $a }.
studio-problem-order-number = This step has number { $a }, { $b } was expected.
studio-problem-pair-apply = { $a } and { $b } do not lead to the same form ({ $c }, { $d }).
studio-problem-pair-cards = { $c } cards in { $a }, { $d } in { $b }. There must be as many.
studio-problem-pair-choices = The question “{ $c }” does not have the same choices in { $a } and in { $b }.
studio-problem-pair-header = { $c } is not the same in { $a } ({ $d }) and in { $b } ({ $e }).
studio-problem-pair-items = The questions are not the same in { $a } ({ $c }) and in { $b } ({ $d }).
studio-problem-pair-kind = The question “{ $c }” is not of the same kind in { $a } ({ $d }) and in { $b } ({ $e }).
studio-problem-pair-number = The question “{ $c }” does not expect the same number in { $a } and in { $b }.
studio-problem-quiz-all-right = All answers are right: add a wrong but believable one.
studio-problem-quiz-choice-empty = This choice has no words.
studio-problem-quiz-choice-twice = The choice “{ $b }” is there twice.
studio-problem-quiz-few = There are { $a } question(s). At least 3 are needed.
studio-problem-quiz-few-choices = At least two choices are needed.
studio-problem-quiz-fields-many = A question has one field to fill only.
studio-problem-quiz-id-invalid = “{ $a }”: the name of a question has lower-case letters, digits and hyphens.
studio-problem-quiz-id-missing = Give this question a name: ## ? {"{"}#its-name{"}"} Your question
studio-problem-quiz-id-twice = Two questions are called “{ $a }”.
studio-problem-quiz-kinds-few = All questions are of the same kind. Vary: at least two kinds are needed.
studio-problem-quiz-kinds-mixed = This question mixes several kinds of answers.
studio-problem-quiz-line-unknown = This line makes no sense here: “{ $a }”
studio-problem-quiz-many = There are { $a } questions. Keep 6 at most.
studio-problem-quiz-many-right = { $b } right answers where only one is possible. Use double brackets for several.
studio-problem-quiz-no-answer = This question has no possible answer.
studio-problem-quiz-no-right = Mark the right answer with an X.
studio-problem-quiz-prompt-missing = Write the question after its name.
studio-problem-reviewed-later = The review date is in the future.
studio-problem-source-missing = Name at least one source.
studio-problem-source-not-https = The source “{ $a }” needs an https address.
studio-problem-source-title-missing = Give this source a title ({ $a }).
studio-problem-source-too-long = This text is too long: { $a } bytes of { $b }.
studio-problem-svg-attribute = The picture { $a } holds an attribute that is not allowed: { $b }
studio-problem-svg-broken = The picture { $a } cannot be read: { $b }
studio-problem-svg-current-color = The picture { $a } uses currentColor ({ $b }): give it its colours.
studio-problem-svg-element = The picture { $a } holds an element that is not allowed: { $b }
studio-problem-svg-markup = The picture { $a } holds { $b }, which is not allowed.
studio-problem-svg-namespace = The picture { $a } mixes formats ({ $b }).
studio-problem-svg-reference = The picture { $a } calls on the outside: { $b }
studio-problem-svg-root = The picture { $a } is not an SVG drawing.
studio-problem-svg-text = The picture { $a } holds words (“{ $b }”): they will not be translated.
studio-problem-svg-too-long = The picture { $a } takes { $b } bytes; { $c } at most.
studio-problem-svg-viewbox = The picture { $a } has no viewBox.
studio-problem-text-before-cards = This text is before the first card: “{ $a }”
studio-problem-theme-unknown = The theme “{ $a }” does not exist.
studio-problem-too-long = { $c } seconds too many: the capsule takes { $a } s, for { $b } at most. Cut a card or a sentence.
studio-problem-typography-apostrophe = Use the curly apostrophe ’ rather than the straight one.
studio-problem-typography-quotes = Use « » rather than straight quotes.
studio-problem-typography-space = Put a no-break space next to { $a }.
