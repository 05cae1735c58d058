# Filling a report, one question per screen.
draft-list-title =
    { $count ->
        [one] To finish
       *[other] To finish ({ $count })
    }
draft-practice = Practice: nothing is sent
draft-practice-mark = Practice
draft-rank = Step { $rank } of { $count }
draft-optional = Optional
draft-your-answer = Your answer
draft-back = Previous question
draft-next = Continue
draft-pass = Skip
draft-skip = Later

draft-state-saved = Saved on this device
draft-state-saving = Saving…
draft-state-failed = Not saved yet: trying again

draft-severity-low = A nuisance, nobody gets hurt
draft-severity-moderate = A minor injury, a little damage
draft-severity-serious = A serious injury, pollution
draft-severity-critical = A life at stake

draft-place-last = Last time
draft-place-search = Find a place
draft-place-other-area = Other places
draft-place-none = No place of that name. You can write it with “Elsewhere”.
draft-place-elsewhere = Elsewhere…
draft-place-words = Where is it, in a few words?
draft-place-words-hint = For example: visitors’ car park, near the gate.

draft-person-search = Find a name
draft-person-list = People
draft-person-none = Nobody of that name here.

draft-when-now = Now
draft-when-today = Today
draft-when-yesterday = Yesterday
draft-when-other-day = Another day
draft-when-other-time = Another time

draft-not-integer = A whole number is needed.
draft-not-decimal = A number is needed.

draft-problem-required = Your answer is missing.
draft-problem-type = This answer does not fit here.
draft-problem-choice = Choose one of the answers shown.
draft-problem-too-long = That is too long. Shorten it a little.
draft-problem-too-many = There are too many photos. Keep ten at most.
draft-problem-range = This number is too large.
draft-problem-constraint = This answer is not possible here.
draft-problem-other = This answer needs another look.

draft-photo = Photo
draft-photo-library = My pictures
draft-photos = Photos
draft-photo-below = The camera is at the bottom of the screen.
draft-photo-rank = Photo { $rank }
draft-photo-remove = Remove photo { $rank }
draft-photo-adding = Adding…
draft-photo-failed = Not added. Tap to try again.
draft-photo-away = Not on this device
draft-photo-refused = “{ $name }” was not added
draft-photo-not-a-picture = This file is not a photo.
draft-photo-too-large = More than 25 MB: take it again with the camera here.
draft-photo-unreadable = This photo cannot be read. Take it again with the camera here.
draft-photo-too-many = There are enough already. Remove one to add another.

draft-last-title = A word, a photo?
draft-last-hint = If you like. Otherwise you can seal it right now.
draft-last-hint-photos = Add a photo if it helps. Otherwise you can seal it right now.
draft-summary = What you report
draft-blank = No answer
draft-change = Change
draft-score = Score: { $score }%
draft-lacking =
    { $count ->
        [one] One more answer to give before sealing.
       *[other] { $count } more answers to give before sealing.
    }
draft-seal = Seal
draft-seal-practice = Finish the practice
draft-seal-failed = It is not sealed yet
draft-seal-photo = A photo has not been added yet. Try again, or remove it.
draft-sealing = Sealing…
draft-sealed = Sealed
draft-sealed-practice = Well done

draft-discard = Discard the draft
draft-discard-title = Discard this draft?
draft-discard-text = It will not be sent and will leave your list.
draft-discard-keep = Keep it

draft-gone-title = This draft is no longer here
draft-gone = It is sealed already, or it was discarded. If sealed, it is among your reports.
draft-gone-reports = See my reports
