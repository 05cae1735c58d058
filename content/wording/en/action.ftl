# Actions decided: who, what, until when.
action-title = Actions
action-tab-mine = Mine
action-tab-site = My site
action-tab-done = Done
action-late-count =
    { $count ->
        [one] One is late
       *[other] { $count } are late
    }
action-none-mine-title = Nothing to do for you
action-none-mine = Actions given to you will arrive here.
action-none-site-title = Nothing under way at your site
action-none-site = An action is born of a report: it will come here with its name and date.
action-none-done-title = Nothing done yet
action-none-done = Finished actions stay readable here, with their evidence.

action-due = { $day }
action-late = late: { $day }
action-done = Done
action-state-open = Under way
action-state-late = Late
action-state-done = Done
action-yours = Yours
action-see-report = See the report
action-mark-done = It is done
action-reopen = Not finished: reopen it

action-done-title = It is done
action-done-words = What was done?
action-done-hint = What people will see when they walk by: the part replaced, the marking redone.
action-done-send = Mark as done
action-done-said = Well done. The action is done.
action-reopen-title = Reopen the action
action-reopen-words = What is left to do?
action-reopen-hint = The person in charge will read it.
action-reopen-send = Reopen
action-reopen-said = The action is open again.
action-words-missing = Write a few words: they are the evidence.

action-of-report = Actions decided
action-new = Decide an action
action-what = What?
action-what-hint = A verb, an object: “Replace the hose of press 3”.
action-what-missing = Say what is to be done.
action-owner = Who?
action-owner-change = Change
action-owner-none = Nobody of that name.
action-owner-missing = An action without a name does not get done. Choose someone.
action-until = Until when?
action-until-missing = Choose a date.
action-in-days =
    { $count ->
        [7] 1 week
        [14] 2 weeks
        [30] 1 month
       *[other] { $count } days
    }
action-details = Details
action-create = Decide
