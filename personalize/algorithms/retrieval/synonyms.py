"""Which words do people use for the same thing? (L3, pure) A small thesaurus of everyday English.

Learners ask in their own words. A word of a group finds the others of it too, for less than itself:
a group says what is often meant, never what is the same. Words of one trade are not listed, since
lessons teach those; what is here would hold in any course.
"""

from collections.abc import Mapping

from personalize.algorithms.retrieval.words import stem

GROUPS = """
big large great huge size
small little tiny short
quick fast speed rapid swift rate
slow gradual lag
begin start first initial launch
end finish stop complete final last
buy purchase order acquire
sell sale sold vend
cost price expense pay charge
money cash income earn earnings profit revenue
cheap low inexpensive afford
dear expensive costly
loan borrow lend owe debt credit
rich wealth better
work job task labour duty
help assist support aid
fix repair mend correct restore
break broken fault fail failure defect crack
mistake error wrong slip blunder trap
right correct proper true accurate
check test verify control inspect confirm examine
measure gauge size estimate
count number amount quantity total
compare comparison difference differ distinguish versus
same equal alike identical
change alter modify adjust vary
increase rise grow raise growth climb
decrease fall drop reduce decline shrink lower
make create build produce construct form
use apply employ utilise
need require necessary demand
choose pick select decide choice option
show display reveal indicate
see look view watch notice spot observe
find discover detect locate identify
keep hold store maintain retain preserve save
remove delete take clear eliminate discard drop
add insert include append plus
put place set position lay
join connect combine merge link attach fasten
split divide separate cut share
send transmit deliver mail
receive get obtain collect
ask question query inquire request
answer reply respond response
talk speak conversation tell
write note record document
read study
learn understand grasp know
teach explain instruct
remember recall memory forget
people person human somebody
patient client resident sick ill
customer buyer client shopper visitor user
worker employee staff colleague
boss manager leader
child kid baby infant
old aged elderly
new fresh recent modern
hot warm heat temperature
cold cool chill ice
wet damp moist water humid
dry dried
clean wash hygiene tidy
dirty soiled polluted
safe safety secure danger risk hazard
hurt harm injury wound damage
pain ache sore
doctor physician nurse
medicine drug medication dose pill
breathe breath respiration inhale
heart pulse heartbeat
blood bleed
eat food meal
cook boil fry heat
cut chop slice trim
sharp keen edge
strong firm solid strength
weak feeble faint
hard difficult tough
easy simple plain
heavy weight load mass
light bright brightness
dark shade dim black
colour color hue tint
line row
column field
table sheet grid
list sequence order series
picture image photo graphic drawing
chart graph plot diagram
average mean typical middle median
share percentage percent proportion part fraction
chance probability likely odds
guess estimate forecast predict
sure certain confident confidence
mostly usually often common typical frequent
rare seldom unusual
reason cause because why
result effect outcome consequence
goal aim target purpose
plan schedule timetable
meeting session appointment
deadline due date
time duration period long minute hour
day daily date
week weekly
month monthly
year annual yearly
early before prior
late after delay
rule law regulation principle
sign signal mark symptom
word term name phrase
sentence statement
letter character
title heading headline
page screen
text copy body
file document
folder directory
program script code software
function method procedure
bug error fault
undo revert reverse back
duplicate repeat twice copy double
missing empty blank absent lack
filter where condition criterion
group category class kind type sort
sort order arrange rank
sum total add
multiply times product
subtract minus less
zero nothing none nil
half halve fifty
double twice
house home building
wall surface
floor ground
window glass pane
wood timber board
metal iron steel
tool instrument device
machine device equipment
wire cable lead
electricity current power
switch button
plant crop grow
tree trunk branch
soil earth ground
rain water shower
sun solar sunlight
wind breeze air
star sky planet
sea ocean
road street way path
car vehicle
bike bicycle cycle
wheel tyre tire
trip journey travel
room space
tap touch press
wide width broad
tall high height
deep depth
far distance away
near close beside
inside within inner
outside outer external
above over top upper
below under bottom
left remain rest remaining
whole entire complete all
piece part section
gap space distance hole
hole puncture opening
edge border rim margin
corner angle
round circle circular
straight level flat
turn rotate spin
push press force
pull draw drag
lift raise
carry bear transport
open unlock
close shut
wait pause delay
hurry rush
calm relax quiet
afraid fear nervous stage-fright anxious
angry upset
happy glad pleased
polite courteous formal
rude impolite
promise agree commitment
agree accept consent
refuse reject decline
argue dispute conflict
deal bargain negotiate negotiation agreement
offer proposal bid
advice recommendation recommend suggest
opinion view judgement
fact evidence proof
idea thought concept
problem trouble issue difficulty
solve solution resolve
example instance sample case
step stage phase
way method manner technique
skill ability
quality standard
limit boundary maximum ceiling
minimum least
enough sufficient
too excessive
extra additional spare
useful helpful
important essential key
"""


def _related() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in GROUPS.split("\n"):
        group = {stem(word) for word in line.split()}
        for word in group:
            found.setdefault(word, set()).update(group - {word})
    return {word: frozenset(others) for word, others in found.items()}


RELATED = _related()


def related(word: str) -> frozenset[str]:
    """Return the stems people use beside a stem; none for most."""
    return RELATED.get(word, frozenset())
