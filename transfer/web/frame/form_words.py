"""The plain words of the forms: what a field asks, and what a choice means.

`ASKED` and `CHOICES` cover the fields of every act. What they leave out is made from its name.
"""

from collections.abc import Mapping
from typing import NamedTuple

from transfer.web.frame.wording import facet_text


class Asked(NamedTuple):
    """What a field is called, the hint beneath that, and its word in the glossary."""

    label: str
    hint: str = ""
    word: str = ""


ASKED: Mapping[str, Asked] = {
    "about": Asked("What it is about"),
    "account": Asked("What came of it"),
    "admitted_because": Asked("Why a late answer is taken", "Only where the last day has passed."),
    "agreement": Asked("Agreement that they are consulted on"),
    "answer": Asked("Answer"),
    "assertion": Asked("Assertion", "Its name in the contested fact, such as unions."),
    "assertions": Asked(
        "Assertions of one side that it rests on",
        "One a line, such as assertion:vlo-back-pay/unions",
        word="contested",
    ),
    "asked_by": Asked("Body that asks"),
    "asked_of": Asked("Employer that is asked"),
    "assume": Asked("Values to assume", word="assumed"),
    "away": Asked("Who is away", "As they are signed in. You, if you leave it blank."),
    "assignment": Asked("Job", "main, unless the person has several jobs at once.", word="job"),
    "basis": Asked("What it rests on", word="basis"),
    "between": Asked("Authorities that disagree", "One a line."),
    "bodies": Asked("Bodies to consult", "One a line."),
    "body": Asked("Body that is consulted"),
    "answer_by": Asked("Last day to answer", "Leave it blank if there is none."),
    "cases": Asked("References of the cases", "One a line. Never a person's name."),
    "changes": Asked("New values", word="detail"),
    "clause": Asked("Clause", word="clause"),
    "concerned": Asked("How many people it concerns"),
    "conciliator": Asked("Conciliator"),
    "corrects": Asked("What the new letter puts right"),
    "criterion": Asked("Who is covered, in words", word="scope"),
    "decision": Asked("What becomes of the decision"),
    "destination": Asked("Where they go", word="transferee"),
    "dismissals": Asked("How many dismissals are proposed"),
    "document": Asked("Document"),
    "detriment": Asked(
        "What changes for the worse", "Only if they object to that. Leave it blank otherwise."
    ),
    "duty": Asked("Decision to settle", "The reference that the exercise's page gives."),
    "effective_from": Asked("First day on which it holds", word="in-force"),
    "employees": Asked("How many people the employer has"),
    "employer": Asked("Employer", "By name or code."),
    "ends": Asked("Details that end", "They have no value from the first day on."),
    "exercise": Asked("Exercise"),
    "failed": Asked("Employer that failed"),
    "first_day": Asked("First day away"),
    "grounds": Asked(
        "Grounds of the appeal", "They are kept encrypted, apart from the record.", word="appeal"
    ),
    "group": Asked("Group", word="group"),
    "happened_on": Asked("Day it happened"),
    "happening": Asked("What happened"),
    "held_by": Asked("Organisation that holds the cases", "As the records of its staff name it."),
    "id": Asked("Name", "The rulebook's name, if you leave it blank."),
    "is_worker": Asked("Is a worker and no employee"),
    "item": Asked("What is stated", "By the name that the rulebook gives it."),
    "last_day": Asked("Last day away"),
    "later_agreement": Asked("Later agreement"),
    "later": Asked("Decisions that would state something else"),
    "learned_on": Asked("Day the office learned of it"),
    "letter": Asked(
        "Letter", "The one that is due or was sent, if you leave it blank.", word="letter"
    ),
    "letters_on": Asked("Day the letters go out"),
    "looked_at": Asked("What was looked at", "One a line."),
    "measures": Asked(
        "What is planned", "Leave it blank where a document says it.", word="measures"
    ),
    "meeting_on": Asked("Day of the meeting"),
    "milestone": Asked("Day of the plan to set", word="day-of-the-plan"),
    "milestones": Asked("Days of the plan", word="day-of-the-plan"),
    "none": Asked("There is nothing to state"),
    "offer": Asked("Offer"),
    "on": Asked("Day of the meeting"),
    "outcome": Asked("Outcome"),
    "overriding": Asked("Why it departs from the rulebook's source"),
    "owner": Asked("Who owes it"),
    "panel": Asked("Who sat on the panel", word="panel"),
    "in_force_on": Asked(
        "In force on", "Today, if you leave it blank. For example, 31 3 2014", word="in-force"
    ),
    "owed_for": Asked("Why it is owed"),
    "party": Asked("Organisation that says so", "By its name. Never a person's name."),
    "people": Asked("Staff numbers of the people it is about", "One a line."),
    "plan": Asked("Plan", "By the name that the rulebook gives it."),
    "procedure": Asked("Procedure that it is about", "By its name, such as exercise:tr-2013"),
    "promise": Asked("Promise", "By its name in the agreement, such as pay-manual."),
    "public_contract": Asked("Works on a public contract beside staff who moved"),
    "purpose": Asked("What the meeting is for"),
    "question": Asked("Question"),
    "reason": Asked("Reason", "Why this is done."),
    "record_of": Asked(
        "As the record stood on",
        "As it stands now, if you leave it blank.",
        word="as-the-record-stood-on",
    ),
    "regime": Asked("Duty to inform and consult", "By the name that the rulebook gives it."),
    "representatives": Asked(
        "Representatives whom staff elected", "A staff number or another reference, one a line."
    ),
    "rests_on": Asked("Assertions of one side that it rests on", word="contested"),
    "result": Asked("Result of the ballot"),
    "route": Asked("Rule by which they are assigned", word="rule"),
    "routes": Asked("Rules by which they are assigned", "One a line.", word="rule"),
    "rulebook": Asked("Rulebook", word="rulebook"),
    "seed": Asked(
        "Seed of the draw", "Only where the rulebook draws at random. It is recorded with the draw."
    ),
    "selection": Asked("People selected", "Those to whom everything applies that you fill in."),
    "sha256": Asked("SHA-256 of the file", "64 characters, 0 to 9 and a to f."),
    "side": Asked("Side that it is on"),
    "staff_number": Asked("Staff number"),
    "staff_numbers": Asked("Staff numbers", "One a line."),
    "stands_in": Asked("Who does their work", "As they are signed in.", word="hand-over"),
    "statement": Asked("What is said", "In a sentence or a few."),
    "subject_matter": Asked("What they disagree about"),
    "superseded_by": Asked("Assertion that takes its place", "By its name."),
    "starts_on": Asked("First day of the plan", "Only to see how the days would fall."),
    "status": Asked("How the offer stands"),
    "step": Asked("Step", word="step"),
    "target_on": Asked("Day to which the steps lead"),
    "term": Asked("Term", "For example, pay-protection."),
    "term_ends_on": Asked("Last day of their term", "Leave it blank if no such day is known."),
    "title": Asked("Title of the document", "As the rulebook calls it."),
    "to": Asked("To whom or where"),
    "told_to": Asked("Who was told of it"),
    "transfer_on": Asked("Day of the transfer"),
    "transferee": Asked("Employer they go to", word="transferee"),
    "transferor": Asked("Employer they leave", word="transferor"),
    "transferors": Asked(
        "Employers that staff leave", "One a line. All, if you leave it blank.", word="transferor"
    ),
    "transferring": Asked("How many of them transfer"),
    "unions": Asked("Unions that take part", "One a line."),
    "until": Asked("New last day"),
    "unit": Asked("Unit"),
    "value": Asked("Value"),
    "values": Asked("Values that the rulebook leaves open"),
    "whom": Asked("Name or staff number", "Parts of a name will do, in any order."),
    "window": Asked("Deadline", word="deadline"),
}
"""What each field asks."""

ASKED_OF: Mapping[tuple[str, str], Asked] = {
    ("duty excuse", "document"): Asked(
        "Document that shows it",
        "The id of one in the register, such as D000017, or a text. "
        "Name nobody: who may read the duty can read this.",
    ),
    ("duty excuse", "reason"): Asked(
        "Why it is not done",
        "Name nobody: who may read the duty can read this. If you withdraw the excuse, say why.",
    ),
    ("duty excuse", "withdrawn"): Asked("Withdraw the excuse that there is"),
    ("duty give", "reason"): Asked("Reason", "Name nobody. Say why it is given or taken back."),
    ("duty give", "to"): Asked(
        "Who takes care of it",
        "As they are signed in. Leave it blank to take it back.",
        word="delegation",
    ),
    ("duty give", "until"): Asked("Last day", "Until it is taken back, if you leave it blank."),
    ("evaluation answer-appeal", "accepted"): Asked(
        "The appeal is taken", "Say below on which side's assertion that rests."
    ),
    ("evaluation appeal-for-all", "body"): Asked("Union that appeals"),
    ("evaluation assert-day", "effective_from"): Asked("Day from which a higher band counts"),
    ("evaluation assert-day", "said_by"): Asked("Who says so", "Such as employer or unions."),
    ("evaluation begin", "band"): Asked("Band that the job has"),
    ("evaluation begin", "begun_by"): Asked("Who began it"),
    ("evaluation begin", "job"): Asked("Job", "Such as victim liaison officer."),
    ("evaluation begin", "sets"): Asked(
        "Sets of evaluations in which it stands", "By the rulebook's names, one a line."
    ),
    ("evaluation determine-appeal", "band"): Asked("Band that was found", "If it is upheld."),
    ("evaluation discharge-owed", "what"): Asked(
        "What was done", "By the name that the rulebook gives it."
    ),
    ("evaluation implement", "description"): Asked("Job description", "By its name."),
    ("evaluation note-review", "description"): Asked("Job description", "By its name."),
    ("evaluation note-review", "found"): Asked("What came of it"),
    ("evaluation pay-back-pay", "paid"): Asked("Back pay that was paid", "In pounds."),
    ("evaluation record-outcome", "admitted_because"): Asked(
        "Why the outcome counts", "Only where the panel was not as it has to be."
    ),
    ("evaluation record-outcome", "band"): Asked("Band that was found"),
    ("evaluation record-outcome", "panel"): Asked("Panel", "By its name."),
    ("evaluation record-panel", "chaired_by"): Asked("Who was in the chair", "By staff number."),
    ("evaluation record-panel", "description"): Asked("Job description", "By its name."),
    ("evaluation record-panel", "for_set"): Asked(
        "Set of evaluations that it sat for", "Only where the job stands in several."
    ),
    ("evaluation record-panel", "for_unions"): Asked(
        "Who sat for a union", "By staff number, one a line."
    ),
    ("evaluation record-panel", "panel"): Asked("What the panel is called"),
    ("evaluation record-panel", "sat"): Asked("Who sat", "By staff number, one a line."),
    ("evaluation record-panel", "senior_in_the_chair"): Asked(
        "A senior evaluator was in the chair"
    ),
    ("evaluation record-panel", "trained"): Asked(
        "Who of them is trained", "By staff number, one a line."
    ),
    ("evaluation regrade", "effective_from"): Asked(
        "First day of a lower band", "Leave it blank for a higher one."
    ),
    ("evaluation regrade", "goes_by"): Asked(
        "Whose day a higher band counts from", "Blank, where the day of the change is on record."
    ),
    ("evaluation regrade", "longer_because"): Asked(
        "Why pay marks time for longer", "Only where it is longer than usual."
    ),
    ("evaluation regrade", "months"): Asked(
        "For how many months pay marks time", "Only for a lower band."
    ),
    ("evaluation regrade", "paid_from"): Asked(
        "First day that is paid by a higher band", "Today, if you leave it blank."
    ),
    ("evaluation set-signing-day", "sign_by"): Asked("Day by which people sign"),
    ("evaluation state-description", "description"): Asked("What the description is called"),
    ("evaluation state-description", "effective_from"): Asked(
        "First day on which it holds", "Leave it blank where nobody documented it."
    ),
    ("evaluation state-pay", "a_year"): Asked("What it is worth a year", "In pounds, full-time."),
    ("evaluation state-pay", "band"): Asked("Band"),
    ("choice state-salary", "a_year"): Asked(
        "What pay was worth a year before the option", "In pounds, full-time."
    ),
    **{
        (f"evaluation {act}", "of_set"): Asked("Set", "By the name that the rulebook gives it.")
        for act in ("put-in-set", "pause-set", "resume-set")
    },
    ("accountability begin", "company"): Asked("Organisation", "By its code in the rulebook."),
    ("accountability note-transfer", "effective_from"): Asked("Day from which the owner holds it"),
    ("accountability note-transfer", "procedure"): Asked(
        "Procedure that transfers the staff", "By its name, such as exercise:tr-2013"
    ),
    ("accountability record-officer", "answers_for"): Asked("What the office answers for"),
    ("accountability record-officer", "effective_to"): Asked(
        "First day on which it does no more", "Leave it blank if no such day is known."
    ),
    ("accountability record-officer", "office"): Asked(
        "Office", "By its title. Never a person's name."
    ),
    ("accountability record-owner", "mechanism"): Asked(
        "How it came to the owner", "By the name that the rulebook gives it, such as share-sale."
    ),
    ("accountability record-owner", "owner"): Asked("Owner"),
    ("agreement add-promise", "due_on"): Asked(
        "Last day to keep it", "Leave it blank where nobody knows it."
    ),
    ("agreement add-promise", "title"): Asked("What is promised"),
    ("agreement add-promise", "without_day"): Asked("It is promised without a day"),
    ("agreement begin", "agreed_on"): Asked("Day it was agreed", "If that day is known."),
    ("agreement begin", "known_as"): Asked(
        "What the rulebook calls it", "Blank for an agreement that the rulebook does not know."
    ),
    ("agreement begin", "parties"): Asked("Who agreed", "One a line."),
    ("agreement begin", "title"): Asked("Title", "Where the rulebook does not know it."),
    ("agreement deliver", "part"): Asked("Only a part of it was done"),
    ("agreement deliver", "what"): Asked("What was done"),
    ("agreement note-answer", "accepted"): Asked("They agree"),
    ("agreement note-answer", "body"): Asked("Who has to agree"),
    ("agreement report", "meeting"): Asked("Meeting that was told"),
    ("agreement report", "promises"): Asked(
        "Promises that are undelivered", "One a line. All that are, if you leave it blank."
    ),
    ("agreement report", "reported_by"): Asked("Who told it"),
    ("agreement report", "statement"): Asked("What was said"),
    ("agreement set-due", "due_on"): Asked("Last day to keep it"),
    ("agreement vary", "counts_from"): Asked(
        "First day for which it counts", "The day it was made, if you leave it blank."
    ),
    ("agreement vary", "due_on"): Asked(
        "New last day", "Leave it blank where the later agreement has none."
    ),
    ("agreement vary", "source_says"): Asked(
        "Words by which it counts for days before it", "Only where it does."
    ),
    ("appeal begin", "about"): Asked("What the appeal is against"),
    ("appeal determine", "to"): Asked(
        "Where the person goes instead", "If the appeal is upheld.", word="transferee"
    ),
    ("assertion assert", "assertion"): Asked(
        "What the assertion is called", "The next number, if you leave it blank."
    ),
    ("assertion assert", "staff_number"): Asked(
        "Staff number", "Only where a member of staff says so.", word="contested"
    ),
    ("assertion assert", "statement"): Asked(
        "What is asserted",
        "In a sentence or a few. What a member of staff writes is kept encrypted.",
        word="contested",
    ),
    ("assertion assert", "value"): Asked(
        "Day, amount or short text that it comes to", "An amount as 150.00."
    ),
    ("assertion begin", "id"): Asked("Name of the contested fact"),
    ("assertion begin", "question"): Asked("Question that is contested", word="contested"),
    ("assertion begin", "rulebook"): Asked(
        "Rulebook that it is about", "Only where it is about a clause.", word="rulebook"
    ),
    ("assertion clarify", "statement"): Asked("How it is to be understood"),
    ("assertion dispute", "staff_number"): Asked(
        "Staff number", "Only where a member of staff disputes it."
    ),
    ("assertion dispute", "statement"): Asked(
        "Why it is disputed", "What a member of staff writes is kept encrypted."
    ),
    ("assertion withdraw", "staff_number"): Asked(
        "Staff number", "Only where a member of staff had asserted it."
    ),
    ("case-responsibility accept-handover", "handover"): Asked("Offer", "By its name."),
    ("case-responsibility arrange-cover", "effective_from"): Asked("First day of the cover"),
    ("case-responsibility arrange-cover", "effective_to"): Asked(
        "First day on which the cover has ended", "Leave it blank if no such day is known."
    ),
    ("case-responsibility arrange-cover", "manager"): Asked("Staff number of who covers"),
    ("case-responsibility begin", "title"): Asked("What the register is called", "Such as a unit."),
    ("case-responsibility offer-handover", "effective_from"): Asked(
        "First day from which it may hold", "The day it is accepted, if you leave it blank."
    ),
    ("case-responsibility offer-handover", "handover"): Asked("What the offer is called"),
    ("case-responsibility offer-handover", "manager"): Asked("Staff number of who is to take them"),
    ("case-responsibility open-cases", "manager"): Asked(
        "Staff number of the manager", "If you leave it blank, the cases are owed one."
    ),
    ("case-responsibility refuse-handover", "handover"): Asked("Offer", "By its name."),
    ("case-responsibility remove-manager", "effective_to"): Asked(
        "Day from which it may be otherwise", "Leave it blank if there is none."
    ),
    ("case-responsibility remove-manager", "manager"): Asked(
        "Staff number of who was not responsible"
    ),
    ("case-responsibility state-manager", "effective_to"): Asked(
        "First day on which they were not any more", "Leave it blank if they still are."
    ),
    ("case-responsibility state-manager", "in_place_of"): Asked(
        "Staff number of who was not responsible then", "If both were, leave it blank."
    ),
    ("case-responsibility state-manager", "manager"): Asked("Staff number of who was responsible"),
    ("consultation begin", "exercise"): Asked("Exercise to consult on", word="consultation"),
    ("consultation file-minutes", "reference"): Asked(
        "Where the minutes are kept", "A reference of the office."
    ),
    ("consultation refer", "to"): Asked("To whom the sides have gone"),
    ("consultation reply", "answer"): Asked("Answer", "Leave it blank where a document says it."),
    ("read answer", "answer"): Asked(
        "Answer", "For example, why the reader needed it. At most 4,000 characters."
    ),
    ("departure begin", "account"): Asked(
        "What changes for the worse, which breach it was, or why they were dismissed"
    ),
    ("departure begin", "because_of_transfer"): Asked(
        "Whether the transfer was the only or main reason", "Leave it blank if nobody has said it."
    ),
    ("departure begin", "employer_alone"): Asked("Whether nothing changes but the employer"),
    ("departure begin", "ground"): Asked("Why they leave"),
    ("departure begin", "is_significant"): Asked(
        "Whether that is said to be significant and for the worse"
    ),
    ("departure begin", "leaves_on"): Asked("First day without employment"),
    ("departure begin", "new_employer_known_on"): Asked(
        "Day on which they learned who the new employer is", "For an objection after the transfer."
    ),
    ("departure begin", "refused_change"): Asked("Whether they had refused a change of terms"),
    ("departure begin", "service_from"): Asked("First day of continuous service"),
    ("departure begin", "transfer_on"): Asked("Day of the transfer"),
    ("departure begin", "workforce_reason"): Asked(
        "Whether there was another reason, which changes the workforce",
        "An economic, technical or organisational one. Leave it blank if nobody has said it.",
    ),
    ("departure decide-appeal", "destination"): Asked(
        "Where they have gone", "Leave it blank where the rulebook decides it."
    ),
    ("departure decide-appeal", "outcome"): Asked("What the appeal came to"),
    ("departure explain", "because_of_transfer"): Asked(
        "Whether the transfer was the only or main reason"
    ),
    ("departure explain", "refused_change"): Asked("Whether they had refused a change of terms"),
    ("departure explain", "service_from"): Asked("First day of continuous service"),
    ("departure explain", "workforce_reason"): Asked(
        "Whether there was another reason, which changes the workforce"
    ),
    ("departure lodge-appeal", "to"): Asked("To whom they appeal"),
    ("exercise begin", "letters_on"): Asked(
        "Day the letters go out", "For each path, and only to see how the days would fall."
    ),
    ("exercise decide-by-panel", "to"): Asked("Where the person goes"),
    ("exercise extend-window", "window"): Asked("Deadline to extend", word="deadline"),
    ("exercise move-milestone", "to"): Asked("New day", word="day-of-the-plan"),
    ("exercise move-window", "window"): Asked("Deadline to extend", word="deadline"),
    ("exercise propose", "staff_numbers"): Asked(
        "Staff numbers", "One a line. Leave it blank for everybody in scope."
    ),
    ("exercise record-answer", "window"): Asked(
        "Deadline that it answers", "That for responses, if you leave it blank."
    ),
    ("grievance begin", "complaint"): Asked("What it is about", "In a few words, without a name."),
    ("grievance begin", "advice"): Asked(
        "What a union advises", "By the name that the rulebook gives it, if it has one."
    ),
    ("grievance begin", "against"): Asked("Procedure that it came out of", "If it did."),
    ("grievance begin", "brought_by"): Asked("Union that brings it", "If one does."),
    ("grievance begin", "id"): Asked("Name of the grievance"),
    ("grievance begin", "policy"): Asked("Policy", "By the name that the rulebook gives it."),
    ("grievance begin", "prepared"): Asked("It is made ready, and not submitted yet"),
    ("grievance confirm", "decided_by"): Asked("Who decided, by their post"),
    ("grievance decide-further", "decided_by"): Asked("Who decided, by their post"),
    ("grievance delegate", "decided_by"): Asked("Who decides from now on, by their post"),
    ("informing begin", "representatives"): Asked(
        "Representatives whom they have already", "A staff number or another reference, one a line."
    ),
    ("informing begin", "unions"): Asked("Unions that are recognised for them", "One a line."),
    ("informing elect", "met"): Asked(
        "What the election had", "By the names that the rulebook gives, one a line."
    ),
    ("informing state", "statement"): Asked(
        "What was stated", "Leave it blank where a document says it, or there is nothing."
    ),
    ("informing state-award", "weeks"): Asked("Weeks of pay", "The most, if you leave it blank."),
    ("informing state-award", "weeks_pay"): Asked(
        "A week's actual pay of all of them together", "Pounds, without a cap."
    ),
    ("posting begin", "band"): Asked("Band of the post"),
    ("posting begin", "group"): Asked(
        "Group that they belong to", "Where the rulebook has what somebody says of it."
    ),
    ("posting begin", "letter"): Asked("Letter that goes out", "Such as letter of 12 September."),
    ("posting begin", "post"): Asked("Post that they are to have"),
    ("posting give-training", "complete"): Asked("That is all of it"),
    ("posting give-training", "what"): Asked("What was given"),
    ("posting note-receipt", "letter"): Asked("Letter that came"),
    ("posting note-return", "letter"): Asked("Letter that came back"),
    ("posting send", "letter"): Asked("Letter that goes out"),
    ("key-work state-band-3", "benchmark"): Asked("Band 3 officers of the benchmark"),
    ("key-work state-band-3", "in_post"): Asked("Band 3 officers in post"),
    ("key-work state-band-3", "trained"): Asked("Band 3 officers who are trained for it"),
    ("programme end", "how"): Asked("How it ended"),
    ("programme end", "outcome"): Asked("What holds"),
    ("programme refer", "to"): Asked("Who is to decide it"),
    ("programme take-step", "step"): Asked("Step", "By the name that the rulebook gives it."),
    ("statement begin", "counts_from"): Asked("Day on which it began or changed"),
    ("protection begin", "against"): Asked("Procedure that it came out of", "If it did."),
    ("protection begin", "band"): Asked("Band that is protected", "If it is one."),
    ("protection begin", "effective_from"): Asked("First day of the protection"),
    ("protection begin", "ground"): Asked(
        "What it is protected for", "By the name that the rulebook gives it."
    ),
    ("protection begin", "hours"): Asked(
        "Hours of the full-time week that the salary is for",
        "The rulebook's, if you leave it blank.",
    ),
    ("protection begin", "salary"): Asked("Salary that is protected", "Pounds a year, full-time."),
    ("protection count-review", "counts_from"): Asked("Day from which the review counts"),
    ("protection count-review", "what"): Asked("Review", "By the name that the rulebook gives it."),
    ("protection end", "effective_from"): Asked("First day without protection"),
    ("protection end", "what"): Asked(
        "What ends it, by the name that the rulebook gives", "Leave it blank for another reason."
    ),
    ("protection find-length", "months"): Asked("For how many months it lasts"),
    ("protection note-review", "what"): Asked("Review", "By the name that the rulebook gives it."),
    ("protection note-told", "before"): Asked("Which notice", "How long before the end, as 6m."),
    ("choice correct-leave", "began"): Asked("Day on which it begins on record"),
    ("choice correct-leave", "leave_now"): Asked(
        "Which leave it really was",
        "By its name, such as special-leave. Blank, if it was that one.",
    ),
    ("choice pay-month", "goes_by"): Asked("How it was worked out"),
    ("choice pay-month", "month"): Asked("Any day of the month that was paid"),
    ("choice pay-month", "paid"): Asked("What was paid", "In pounds."),
    ("choice correct-leave", "can_work"): Asked("Whether they could work, from home or otherwise"),
    ("choice record-leave", "can_work"): Asked("Whether they can work, from home or otherwise"),
    ("choice settle-payment", "becomes"): Asked("What becomes of the difference"),
    ("choice settle-payment", "month"): Asked("Any day of the month that differs"),
    ("protection record-payment", "month"): Asked("Any day of the month that was paid"),
    ("protection record-payment", "on_account"): Asked("Paid on account of what is owed"),
    ("protection record-payment", "paid"): Asked("What was paid", "Pounds."),
    ("protection state-point", "a_year"): Asked("What it is worth", "Pounds a year, full-time."),
    ("protection state-point", "point"): Asked("Pay point"),
    ("protection vary", "salary"): Asked("Salary that is protected", "Pounds a year, full-time."),
    ("representation begin", "effective_from"): Asked("First day", word="appointment"),
    ("representation begin", "effective_to"): Asked(
        "First day on which the appointment has ended", "Leave it blank if no such day is known."
    ),
    ("representation begin", "representative"): Asked(
        "Who the representative is",
        "The name by which they sign in: ask them, or your union.",
        word="representative",
    ),
    ("representation begin", "scope"): Asked("What they may do"),
    ("staff change", "last_day"): Asked(
        "Last day on which it holds", "Leave it blank if no such day is known.", word="temporary"
    ),
    ("staff correct", "last_day"): Asked(
        "Last day on which it holds", "Leave it blank if no such day is known.", word="temporary"
    ),
    ("staff correct", "value"): Asked("Value", "Leave it blank if the term ends on that day."),
    ("staff correct", "what"): Asked("What becomes of the entry", word="cancelled"),
    ("staff leave", "effective_from"): Asked(
        "First day on which they have left",
        "The last day in post is the day before.",
        word="leaving",
    ),
    ("staff term", "last_day"): Asked(
        "Last day on which it holds", "Leave it blank if no such day is known.", word="temporary"
    ),
    ("staff term", "value"): Asked("What it grants", "As the letter or the agreement has it."),
    ("staff term end", "effective_from"): Asked("First day on which it is no longer held"),
    ("variation begin", "cause"): Asked(
        "What its only or main reason is", "Leave it blank if nobody has said it."
    ),
    ("variation begin", "changes_workplace"): Asked("Whether the place of work changes"),
    ("variation begin", "contract_permits"): Asked("Whether the contract permits it"),
    ("variation begin", "is_restricted"): Asked(
        "Whether it is one of pay, pension, hours, leave and shifts"
    ),
    ("variation begin", "keeps_identity"): Asked(
        "Whether what transferred keeps a distinct identity"
    ),
    ("variation begin", "new_employer_took_part"): Asked(
        "Whether the new employer took part in the bargaining"
    ),
    ("variation begin", "no_less_favourable"): Asked(
        "Whether the terms are no less favourable overall"
    ),
    ("variation begin", "pension_right"): Asked(
        "What the right of the pension scheme is for", "Such as old age."
    ),
    ("variation begin", "was_public"): Asked("Whether they come from a public pension scheme"),
    ("variation begin", "workforce_reason"): Asked(
        "Whether there is a reason that changes the workforce",
        "An economic, technical or organisational one.",
    ),
    ("variation begin", "made_on"): Asked("Day on which it is made"),
    ("variation begin", "subject"): Asked("What changes, or is asked about"),
    ("variation begin", "title"): Asked("What changes, in words"),
    ("liability-information begin", "against"): Asked(
        "Exercise that they move by", "Such as exercise:tr-2013. Leave it blank if there is none."
    ),
    ("liability-information check", "draft"): Asked("Number of the draft", "The last, if blank."),
    ("liability-information check", "remarks"): Asked("What is to be said of it"),
    ("liability-information give", "digest"): Asked("SHA-256 of what was sent", "In hexadecimal."),
    ("liability-information give", "draft"): Asked("Number of the draft", "The last, if blank."),
    ("liability-information give", "given_to"): Asked(
        "Who it was given to", "Leave it blank for the new employer."
    ),
    ("liability-information give", "items"): Asked(
        "Items that were given", "One a line, such as particulars. All still owed, if blank."
    ),
    ("liability-information give", "received_on"): Asked("Day of receipt", "If it is known."),
    ("liability-information give", "via"): Asked("Who passed it on", "If somebody else did."),
    ("liability-information note-receipt", "delivery"): Asked(
        "Number of the delivery", "The last, if blank."
    ),
    ("liability-information note-receipt", "received_on"): Asked("Day of receipt"),
    ("liability-information note-special", "because"): Asked("What the circumstances are"),
    ("liability-information notify-changes", "digest"): Asked(
        "SHA-256 of what was sent", "In hexadecimal."
    ),
    ("liability-information notify-changes", "given_to"): Asked(
        "Who was told", "Leave it blank for the new employer."
    ),
    ("liability-information notify-changes", "received_on"): Asked(
        "Day of receipt", "If it is known."
    ),
    ("liability-information notify-changes", "via"): Asked(
        "Who passed it on", "If somebody else did."
    ),
    ("liability-information prepare", "as_at"): Asked(
        "Day that it describes", "The day of the act, if you leave it blank."
    ),
    ("liability-information prepare", "documents"): Asked(
        "Titles of documents that go with it", "One a line."
    ),
    ("liability-information prepare", "staff_numbers"): Asked(
        "Staff numbers", "One a line. Those who move by the exercise, if you leave it blank."
    ),
    **{
        (f"staff-list {act}", "authority"): Asked(
            "Who or what allows a late change", "Only after the cut-off day."
        )
        for act in ("put-on", "move-to", "take-off")
    },
    **{
        (f"staff-list {act}", "cut_off_on"): Asked(
            "Cut-off day", "After it a list is changed only as a late change."
        )
        for act in ("begin", "move-days")
    },
    ("staff-list begin", "against"): Asked(
        "Exercise that moves them", "Such as exercise:tr-2013. Leave it blank if there is none."
    ),
    ("staff-list begin", "transferees"): Asked(
        "Employers they go to", "One a line, by name, as records will name the employer."
    ),
    ("staff-list compare-records", "staff_numbers"): Asked(
        "Staff numbers",
        "One a line. These are looked at besides those on a draft or in the exercise.",
    ),
    ("staff-list explain", "because"): Asked("Why the difference is right"),
    ("staff-list explain", "whom"): Asked("Staff number"),
    ("staff-list make", "authority"): Asked(
        "Who or what allows that", "Only where it is to be in force on a day that is over."
    ),
    ("staff-list make", "digest"): Asked("SHA-256 of what was signed", "In hexadecimal."),
    ("staff-list make", "effective_from"): Asked(
        "First day on which it is in force", "The day of the act, if you leave it blank."
    ),
    ("staff-list make", "made_by"): Asked(
        "Who made (signed) it", "By office. Never a person's name."
    ),
    ("staff-list make", "transferee"): Asked("Whose list it is", "By the employer's name."),
    ("staff-list make", "version"): Asked("Version", "The last, if you leave it blank."),
    ("staff-list move-to", "transferee"): Asked("Whose list they are moved to"),
    ("staff-list prepare", "transferee"): Asked(
        "Whose list", "Each that needs another version, if you leave it blank."
    ),
    ("staff-list put-on", "transferee"): Asked("Whose list they are put on"),
    ("variation begin", "transfer_on"): Asked("Day of the transfer"),
    ("variation explain", "cause"): Asked(
        "What its only or main reason is", "Leave it blank if nobody has said it."
    ),
    ("variation explain", "changes_workplace"): Asked("Whether the place of work changes"),
    ("variation explain", "contract_permits"): Asked("Whether the contract permits it"),
    ("variation explain", "is_restricted"): Asked(
        "Whether it is one of pay, pension, hours, leave and shifts"
    ),
    ("variation explain", "keeps_identity"): Asked(
        "Whether what transferred keeps a distinct identity"
    ),
    ("variation explain", "new_employer_took_part"): Asked(
        "Whether the new employer took part in the bargaining"
    ),
    ("variation explain", "no_less_favourable"): Asked(
        "Whether the terms are no less favourable overall"
    ),
    ("variation explain", "pension_right"): Asked(
        "What the right of the pension scheme is for", "Such as old age."
    ),
    ("variation explain", "was_public"): Asked("Whether they come from a public pension scheme"),
    ("variation explain", "workforce_reason"): Asked(
        "Whether there is a reason that changes the workforce",
        "An economic, technical or organisational one.",
    ),
    ("warning begin", "issued_by"): Asked("Staff number of who issued it"),
    ("warning begin", "process"): Asked("Formal procedure", "Such as conduct and discipline."),
    ("warning begin", "reference"): Asked(
        "Reference of the letter", "Never what the warning was for."
    ),
    ("warning show-who-decides", "decided_by"): Asked("Who decides a formal case"),
}
"""What a field of one act (`exercise move-milestone`) asks, where others mean something else."""

TEXTS = frozenset(
    {"account", "admitted_because", "corrects", "grounds", "measures", "question", "reason"}
    | {"statement"}
)
"""Fields that take sentences, and so more than one line."""

TEXTS_OF = frozenset({("consultation reply", "answer"), ("read answer", "answer")})
"""The same, of one act; `read answer` answers a question about a read."""

PAIRS: Mapping[str, tuple[str, str]] = {
    "changes": ("Detail", "New value"),
    "later": ("Decision", "What becomes of it"),
    "letters_on": ("Path", "Day"),
    "milestones": ("Day of the plan", "Date"),
}
"""What the two parts of a pair are called, of a field that takes several pairs."""

_SETTLED = {
    "stands": "It stands",
    "redo": "Make it again",
    "review": "Send it back to those who decided",
}

CHOICES: Mapping[str, Mapping[str, str]] = {
    "assume": {"suggested": "Use the values that the rulebook suggests (practice only)"},
    "decided_by": {
        "line_manager": "The line manager",
        "hr_process_owner": "The HR decision-maker",
        "professional_supervisor": "The professional supervisor",
    },
    "owed_for": {
        "employment-began": "Employment began",
        "particulars-changed": "Particulars changed",
        "employer-changed-service-kept": "The employer is another one, and service goes on",
        "employer-changed-service-broken": "The employer is another one, and service begins again",
    },
    "decision": _SETTLED,
    "later": _SETTLED | {"annul": "Cancel it", "keep": "Keep it"},
    "side": {
        "employer": "The employer's",
        "union": "A union's",
        "ministry": "The ministry's",
        "staff": "Staff",
        "other": "Another",
    },
    "scope": {
        "everything": "Everything: read my record, and act in procedures",
        "record": "Read my record",
        "procedures": "Act in procedures, such as an appeal",
    },
    "what": {
        "replace": "It is put right, as filled in here",
        "cancel": "It is cancelled for good, as if it had never been recorded",
    },
    "cause": {
        "transfer": "The transfer",
        "connected": "Something connected with the transfer",
        "other": "Something else",
    },
    "subject": {
        "contract": "A contract",
        "collective-terms": "Terms from a collective agreement",
        "later-agreement": "An agreement that others make after the transfer",
        "agreement": "A collective agreement",
        "recognition": "The recognition of a union",
        "pension": "A right of a pension scheme",
    },
    "ground": {
        "late-objection": "They object after the transfer, and could not before",
        "detriment": "Conditions change substantially for the worse",
        "breach": "The employer broke the contract",
        "dismissal": "They were dismissed",
    },
    "told_to": {"transferor": "The employer they leave", "transferee": "The employer they go to"},
    "becomes": {"pay": "It is paid", "stands": "What was paid stands, for the reason given"},
}
"""What the choices of a field mean, where their names do not say it."""

BLANK_FOR_EVERYBODY = "One a line. Leave it blank for everybody."
"""The hint of the staff numbers of an act that is for everybody, unless people are named."""

NOT_OFFERED = frozenset({"moot"})
"""Values of an enumeration that no person may choose: the rules alone say that nothing differs."""


def asked(act: str, name: str) -> Asked:
    """What a field of an act asks."""
    found = ASKED_OF.get((act, name)) or ASKED.get(name)
    return found or Asked(facet_text(name))


def choice_text(name: str, value: str) -> str:
    """What a choice of a field says."""
    return CHOICES.get(name, {}).get(value) or facet_text(value)
