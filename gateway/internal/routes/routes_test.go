package routes

import (
	"reflect"
	"testing"

	_ "callsheet/gateway/gen/callsheet/booking/v1"
	_ "callsheet/gateway/gen/callsheet/payments/v1"
)

func booking(t *testing.T) Table {
	t.Helper()
	table, err := Of([]string{"callsheet.booking.v1.BookingService"})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestRoutesAreFoundInTheRuntimesNotationAndTheProtos(t *testing.T) {
	for _, pattern := range []string{"/v1/orders/{order_id=*}:watch", "/v1/orders/{order_id}:watch"} {
		route, found := booking(t).Find("GET", pattern)
		if !found || route.RPC.Name() != "WatchOrder" {
			t.Errorf("%s: got %v", pattern, route.RPC)
		}
	}
	if _, found := booking(t).Find("POST", "/v1/orders/{order_id}:watch"); found {
		t.Error("found under a method that no rule has")
	}
}

func TestARouteKnowsItsRPCAndItsBody(t *testing.T) {
	route, _ := booking(t).RPC("callsheet.booking.v1.BookingService.CreateOrder")
	if route.FullMethod() != "/callsheet.booking.v1.BookingService/CreateOrder" || route.Body != "*" {
		t.Errorf("got %+v", route)
	}
	if _, found := booking(t).RPC("callsheet.booking.v1.BookingService.Nothing"); found {
		t.Error("found an RPC that does not exist")
	}
}

func TestMethodsAtAPath(t *testing.T) {
	for path, want := range map[string][]string{
		"/v1/orders":           {"GET", "POST"},
		"/v1/orders/ord_1":     {"GET"},
		"/v1/orders/ord_1/nix": nil,
	} {
		if got := booking(t).Methods(path); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

func TestAnUnknownServiceIsRefused(t *testing.T) {
	if _, err := Of([]string{"callsheet.nothing.v1.NothingService"}); err == nil {
		t.Error("accepted")
	}
}
