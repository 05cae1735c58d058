# Reports: mine, their page, triage.
report-mine = My reports
report-one = Report
report-search = Find a report
report-start = Report
report-none-mine-title = Nothing reported yet
report-none-mine = Seen something? A photo and four taps are enough. You will follow here what becomes of it.
report-none-found-title = Nothing matches
report-none-found = Try a shorter word, or take a filter away.
report-photos-here = { $count ->
    [one] photo
   *[other] photos
}
report-comments = { $count ->
    [one] comment
   *[other] comments
}

report-type-incident = Incident
report-type-near-miss = Near miss
report-type-weak-signal = Weak signal
report-type-need = Need
report-type-non-conformity = Non-conformity
report-type-observation = Observation
report-type-flash-audit = Flash audit
report-urgent = Urgent
report-confidential = Confidential
report-worsened = Look again
report-score = Score: { $score }%

report-chain = Where your report stands
report-chain-waiting = not yet
report-next-draft = Not sealed yet.
report-next-sealed = Sealed on this device. It will leave by itself as soon as there is network.
report-next-received = Arrived. The next step: someone reads it.
report-next-read = Read. The next step: a decision, and an answer for you.
report-next-handled = Handled. The answer is just below.
report-next-refused = The server did not take it. It stays here, readable.

report-answer-mine = The answer for you
report-answer = The answer to the author
report-outcome = What came of it
report-outcome-done = Handled
report-outcome-not-retained = Not retained
report-said-mine = What you said
report-said = What is reported
report-since = Since then
report-timeline = History
report-photo = Photo { $rank }
report-photo-open = Enlarge photo { $rank }
report-photo-away = Not here yet. It will come with the network.
report-offline-title = The rest will come with the network
report-offline = This is what this device knows already. Nothing is lost.

report-refused-title = This report was not accepted
report-refused-safe = Your words and photos stay on this device.
report-refusal-unknown = The reason has not arrived yet.
report-copy = Start again from this one

report-comment-mine = Add a word
report-comment = Write a comment
report-comment-hint = The author will read it.
report-comment-send = Send

report-receipt = Receipt
report-receipt-valid = Signed by the server, signature checked
report-receipt-invalid = Signature not checked on this device
report-receipt-at = Received on
report-receipt-position = Place in the register
report-receipt-photos = Fingerprints of the photos
report-receipt-photo-at = received on { $when }
report-receipt-photo-waiting = not received yet

report-you = You
report-author = The author
report-author-hidden = Name for QSE leads only
report-someone = Someone
report-by = { $who } · { $when }

report-did-sealed = { $who } sealed this report.
report-did-received = The server received it and signed.
report-did-read = { $who } read it.
report-did-severity = { $who } judged the severity: { $severity }.
report-did-assigned = { $who } gave it to { $person }.
report-did-unassigned = { $who } took it off { $person }.
report-did-comment = { $who } wrote:
report-did-linked = { $who } decided an action.
report-did-taken = { $who } is taking care of it.
report-did-closed-done = { $who } answered: handled.
report-did-closed-not-retained = { $who } answered: not retained.
report-did-reopened = { $who } reopened the report.
report-did-refused = The server did not accept it.
report-you-sealed = You sealed this report.
report-you-read = You read it.
report-you-severity = You judged the severity: { $severity }.
report-you-assigned = You gave it to { $person }.
report-you-unassigned = You took it off { $person }.
report-you-comment = You wrote:
report-you-linked = You decided an action.
report-you-taken = You are taking care of it.
report-you-closed-done = You answered: handled.
report-you-closed-not-retained = You answered: not retained.
report-you-reopened = You reopened the report.

report-sealed-title = It is sealed
report-sealed-waiting = Kept on this device. It will leave by itself as soon as there is network.
report-sealed-received = Arrived at { $site }. There is nothing more for you to do.
report-sealed-next-read = The QSE team reads it, and you see when.
report-sealed-next-decide = They decide what to do, with a name and a date.
report-sealed-next-answer = You get an answer here, even if the answer is no.
report-sealed-urgent = It is urgent: also tell someone out loud, right now.
report-sealed-see = Follow this report
report-sealed-another = Report something else
report-sealed-home = Back to today
report-sealed-practice = Practice finished
report-sealed-practice-text = You know how. Nothing was sent.
report-sealed-for-real = Report for real

report-triage = To triage
report-your-site = your site
report-none-triage-title = Nothing to triage
report-none-triage = Reports from { $site } will arrive here.
report-pick-title = Choose a report
report-pick = Opening is reading: its author will see it.
report-total =
    { $count ->
        [0] No report
        [one] { $count } report
       *[other] { $count } reports
    }
report-count-urgent = { $count } urgent
report-count-unread = { $count } unread
report-count-worsened = { $count } worse since
report-filters = Filters
report-status = Status
report-status-open = To take
report-status-in-progress = Under way
report-status-closed = Handled
report-status-all = All
report-filter-mine = For me
report-filter-severity = Severity
report-filter-type = Kind
report-filter-site = Site
report-filter-clear = Clear all
report-assigned-to = given to { $name }

report-panel = Decide
report-decide-more = More
report-take = I’ll handle it
report-assign = Assign
report-assign-title = Who takes care of it?
report-assign-search = Find a name
report-assign-none = Nobody of that name.
report-assign-in-charge = in charge
report-nobody = Nobody is handling it
report-severity-change = Severity
report-severity-decide = Settle the severity
report-severity-title = How severe?
report-severity-save = Keep this severity
report-severity-reason-hint = What you saw that makes you say so. The author will read it.
report-reason = Why?
report-reason-missing = Say why, in a few words.
report-conflict-title = Two opinions on severity
report-conflict-text = The most severe counts until someone settles it.
report-worsened-title = Closed while it got worse
report-worsened-text = While one person answered, another judged it more severe. Read again, then reopen or settle it.
report-close = Answer and close
report-close-title = Answer the author
report-close-answer = Your answer
report-close-hint-done = What changed thanks to their report. It is what they will read first.
report-close-hint-not-retained = Why, without jargon. A no explained is better than silence.
report-close-answer-missing = No closing without an answer. One sentence is enough.
report-close-conflict = Two opinions on severity are still open. Settle them first, if you can.
report-close-send = Send and close
report-reopen = Reopen
report-reopen-title = Reopen the report
report-reopen-hint = The author and those in charge will read it.
report-done-taken = You are taking care of it. The author sees it.
report-done-severity = The severity is noted.
report-done-assigned = Assigned.
report-done-unassigned = Taken off.
report-done-linked = The action is decided. The author sees it.
report-done-closed = The answer is on its way to the author.
report-done-reopened = The report is open again.
report-keys = Shortcuts
report-key-next = Next report
report-key-previous = Previous report
report-key-assign = Assign to someone
report-key-comment = Write a comment
report-key-search = Search
report-key-help = Show these shortcuts
