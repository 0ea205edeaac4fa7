package fields

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	bookingv1 "callsheet/gateway/gen/callsheet/booking/v1"
	directoryv1 "callsheet/gateway/gen/callsheet/directory/v1"
	"callsheet/gateway/internal/problem"
)

var (
	createOrder = (&bookingv1.CreateOrderRequest{}).ProtoReflect().Descriptor()
	listOrders  = (&bookingv1.ListOrdersRequest{}).ProtoReflect().Descriptor()
	upsertUsers = (&directoryv1.UpsertUsersRequest{}).ProtoReflect().Descriptor()
)

func places(violations []problem.Violation) []string {
	var found []string
	for _, violation := range violations {
		found = append(found, violation.Field)
	}
	return found
}

func TestBodyNamesTheFieldHoweverDeep(t *testing.T) {
	cases := []struct {
		name    string
		message protoreflect.MessageDescriptor
		body    string
		want    []string
	}{
		{"unknown at the top", createOrder, `{"nix": 1}`, []string{"nix"}},
		{"unknown inside", createOrder, `{"terms": {"nix": 1, "tip_cents": 3}}`, []string{"terms.nix"}},
		{"wrong kind of time", createOrder, `{"terms": {"start_ts": "tomorrow"}}`, []string{"terms.start_ts"}},
		{"unknown enum value", createOrder, `{"terms": {"mode": "BOOKING_MODE_MAYBE"}}`, []string{"terms.mode"}},
		{"text for a number", createOrder, `{"terms": {"tip_cents": "twelve"}}`, []string{"terms.tip_cents"}},
		{"list for an object", createOrder, `{"terms": []}`, []string{"terms"}},
		{"the name that JSON would give", createOrder, `{"quoteHash": 3}`, []string{"quote_hash"}},
		{"one of several", upsertUsers, `{"users": [{"user_id": "usr_1"}, {"user_id": 2}]}`, []string{"users[1].user_id"}},
		{"object for a list", upsertUsers, `{"users": {}}`, []string{"users"}},
		{"no object at all", createOrder, `[]`, []string{"body"}},
		{"several at once", createOrder, `{"terms": {"nix": 1, "city": 2}, "quote_hash": 1}`,
			[]string{"quote_hash", "terms.city", "terms.nix"}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			if got := places(Body(each.message, []byte(each.body))); !reflect.DeepEqual(got, each.want) {
				t.Errorf("got %v, want %v", got, each.want)
			}
		})
	}
}

func TestANumberInQuotesIsANumberAndNothingElse(t *testing.T) {
	for text, want := range map[string][]string{
		`{"terms": {"tip_cents": "12,500"}}`:                       {"terms.tip_cents"},
		`{"terms": {"tip_cents": "12 dollars"}}`:                   {"terms.tip_cents"},
		`{"terms": {"tip_cents": "12500", "time_zone": "12,500"}}`: nil,
		`{"quote_hash": "12,500", "terms": null}`:                  nil,
	} {
		if got := places(Numbers(createOrder, []byte(text))); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestRulesSayWhatWouldHaveBeenRight(t *testing.T) {
	violations := Body(createOrder, []byte(`{"terms": {"mode": "x", "start_ts": 1, "tip_cents": "x"}}`))
	for i, want := range []string{"one of BOOKING_MODE_IB", "a time such as", "a whole number of 64 bits"} {
		if !strings.Contains(violations[i].Rule, want) {
			t.Errorf("%s: rule %q lacks %q", violations[i].Field, violations[i].Rule, want)
		}
	}
}

func TestEveryObjectOfAStreamIsLookedAt(t *testing.T) {
	for text, want := range map[string][]string{
		"{\"quote_hash\": \"a\"}\n{\"terms\": {\"city\": 1}}":      {"[1].terms.city"},
		"{} {\"terms\": {\"tip_cents\": \"12,500\"}} {\"nix\": 1}": {"[1].terms.tip_cents"},
		"{}\n{}\n": nil,
		"":         nil,
	} {
		violations, err := Lines(createOrder, []byte(text))
		if got := places(violations); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v, want %v", text, got, err, want)
		}
	}
	if _, err := Lines(createOrder, []byte(`{} {"terms": `)); err == nil {
		t.Error("half an object was accepted")
	}
}

func TestAHostileBodyIsAnsweredBriefly(t *testing.T) {
	members := make([]string, 500)
	for i := range members {
		members[i] = `"nix` + strings.Repeat("x", i) + `": 1`
	}
	if got := Body(createOrder, []byte("{"+strings.Join(members, ",")+"}")); len(got) != most {
		t.Errorf("%d violations, want %d", len(got), most)
	}
}

func TestUnknownParametersAreThoseThatNobodyWouldRead(t *testing.T) {
	query := url.Values{"page_size": {"1"}, "pageToken": {"x"}, "pagesize": {"1"}, "side": {"SIDE_BUYER"}}
	want := []problem.Violation{
		{Field: "pagesize", Rule: "is not a parameter of this request"},
		{Field: "side", Rule: "belongs in the path or the body"},
	}
	if got := UnknownParameters(listOrders, query, []string{"side"}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestABodyThatIsTheRequestLeavesNothingForTheQuery(t *testing.T) {
	got := UnknownParameters(createOrder, url.Values{"terms.city": {"x"}}, []string{"*"})
	if !reflect.DeepEqual(places(got), []string{"terms.city"}) {
		t.Errorf("got %v", got)
	}
}

func TestParametersMustFitTheirFields(t *testing.T) {
	values := url.Values{"page_size": {"many"}, "statuses": {"BOOKING_STATUS_CONFIRMED", "x"}, "page_token": {"ok"}}
	if got := places(Parameters(listOrders, values)); !reflect.DeepEqual(got, []string{"page_size", "statuses"}) {
		t.Errorf("got %v", got)
	}
}
