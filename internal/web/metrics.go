package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Registerer is where metrics are registered; cmd/leida serves them on a listener of its own.
type Registerer = prometheus.Registerer

type metrics struct {
	requests *prometheus.HistogramVec
}

func newMetrics(r Registerer) *metrics {
	m := &metrics{requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "leida_request_seconds", Help: "Time to answer a request.",
		Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10},
	}, []string{"route", "method", "status"})}
	if r != nil {
		r.MustRegister(m.requests)
	}
	return m
}

func (m *metrics) observe(r Route, status int, took time.Duration) {
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	m.requests.WithLabelValues(r.Path, method, strconv.Itoa(status/100)+"xx").Observe(took.Seconds())
}
